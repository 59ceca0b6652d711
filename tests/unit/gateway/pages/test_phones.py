"""The phones that confirm: seen, added, removed."""

import pytest

from tests.fakes.house import House, Person


async def test_a_phone_is_one_row_whatever_it_can_do(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    page = await person.get("/factors")
    assert page.title == "How you confirm"
    assert page.text.count('class="row"') == 2, "and one for recovery codes"
    assert "Approval, app code, text, call" in page.said
    assert "This is your only way in" in page.said
    assert "/factors/remove" not in page.text


async def test_another_phone_is_added(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    assert (await person.get("/factors/add")).title == "Add a phone"
    page = await person.send("/factors/add", country="GB", phone="07400 123458")
    assert page.path == "/factors"
    assert "Your phone is added." in page.said
    assert page.text.count('class="row"') == 3


async def test_what_is_no_number_is_said_beside_the_field_and_kept(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    page = await person.send("/factors/add", country="GB", phone="12")
    assert (page.path, page.title) == ("/factors/add", "Please check: add a phone")
    assert 'value="12"' in page.text
    enrolled.phone.refuses_phone = True
    page = await person.send("/factors/add", country="GB", phone="07400 123458")
    assert "This number cannot be used" in page.said


async def test_removing_is_asked_about_first(person: Person, enrolled: House) -> None:
    enrolled.phone.others = ["+44 ... 58"]
    await person.sign_in_wholly(enrolled)
    page = await person.get("/factors/remove?factor=push-%2B44%20...%2058")
    assert page.title == "Remove a way to confirm"
    assert "Make sure that you still have your other one." in page.said
    assert enrolled.phone.others
    page = await person.send("/factors/remove", factor="push-+44 ... 58")
    assert "It is removed" in page.said
    assert enrolled.phone.others == []


async def test_the_only_phone_stays(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    assert (await person.get("/factors/remove?factor=push-1")).path == "/factors"
    page = await person.send("/factors/remove", factor="push-1")
    assert "Nothing else of yours works." in page.said
    assert enrolled.phone.enrolled


async def test_of_two_phones_the_one_that_works_stays(person: Person, enrolled: House) -> None:
    enrolled.phone.others = ["+44 ... 58"]
    await person.sign_in_wholly(enrolled)
    enrolled.phone.reasons = dict.fromkeys(("push", "app", "sms", "voice"), "account_unknown")
    page = await person.get("/factors")
    assert "Authy no longer knows this phone" in page.said
    assert "Remove +44 ••• ••12" in page.said.replace("\N{NO-BREAK SPACE}", " ")
    assert "Remove +44 ••• ••58" not in page.said.replace("\N{NO-BREAK SPACE}", " ")
    page = await person.send("/factors/remove", factor="push-+44 ... 58")
    assert "Nothing else of yours works." in page.said
    assert enrolled.phone.others == ["+44 ... 58"]


@pytest.mark.parametrize("factor", ["", "push-2", "../challenges/1"])
async def test_a_phone_that_nobody_has_is_not_removed(person: Person, enrolled: House, factor: str) -> None:
    await person.sign_in_wholly(enrolled)
    assert (await person.get(f"/factors/remove?factor={factor}")).path == "/factors"
    assert (await person.send("/factors/remove", factor=factor)).path == "/factors"
    assert enrolled.phone.enrolled


async def test_a_phone_that_is_gone_already_is_no_error(person: Person, enrolled: House) -> None:
    enrolled.phone.others = ["+44 ... 58"]
    await person.sign_in_wholly(enrolled)
    assert (await person.get("/factors/remove?factor=push-9")).path == "/factors"
    page = await person.send("/factors/remove", factor="push-9")
    assert page.path == "/factors"
    assert enrolled.phone.others == ["+44 ... 58"]


async def test_changes_want_a_confirmation_of_just_now(person: Person, enrolled: House) -> None:
    enrolled.phone.others = ["+44 ... 58"]
    await person.sign_in_wholly(enrolled)
    enrolled.clock.advance(minutes=4)
    assert (await person.get("/factors")).path == "/factors"
    assert (await person.get("/factors/add")).path == "/sign-in?return_to=/factors/add&reason=fresh"
    page = await person.get("/factors/remove?factor=push-1")
    assert page.path == "/sign-in?return_to=/factors/remove?factor%3Dpush-1&reason=fresh"


async def test_twofactor_has_the_last_word_about_how_fresh_it_is(person: Person, enrolled: House) -> None:
    enrolled.phone.others = ["+44 ... 58"]
    await person.sign_in_wholly(enrolled)
    enrolled.phone.old = set(enrolled.credentials.desk.by_token)
    page = await person.send("/factors/add", country="GB", phone="07400 123458")
    assert page.path == "/sign-in?return_to=/factors/add&reason=fresh"
    page = await person.send("/factors/remove", factor="push-1")
    assert page.path == "/sign-in?return_to=/factors&reason=fresh"
