"""Making an account."""

import re

import pytest

from tests.fakes.house import EMAIL, House, Person


async def test_a_new_account_with_a_phone_leads_straight_to_confirming(person: Person, house: House) -> None:
    page = await person.sign_up()
    assert page.path == "/confirm"
    assert page.title == "Confirm that it is you"
    assert EMAIL in page.said
    assert house.phone.enrolled


async def test_a_taken_address_is_told_beside_the_field_and_what_was_typed_is_kept(
    person: Person, house: House
) -> None:
    house.credentials.accounts[EMAIL] = "somebody else's"
    page = await person.sign_up()
    assert page.path == "/sign-up"
    assert page.title == "Please check: create your account"
    assert re.search(
        r'id="email"[^>]*value="ana@example.com"[^>]*aria-describedby="email-wrong"[^>]*aria-invalid', page.text
    )
    assert 'value="07400 123456"' in page.text
    assert '<option value="GB" data-example="07400 123456" selected>' in page.text


async def test_everything_that_is_wrong_is_said_at_once(person: Person) -> None:
    page = await person.sign_up(email="no address", password="short", phone="12")
    assert {'id="email-wrong"', 'id="password-wrong"', 'id="phone-wrong"'} <= set(
        re.findall(r'id="\w+-wrong"', page.text)
    )


async def test_a_password_never_comes_back(person: Person) -> None:
    page = await person.sign_up(password="password1234")
    assert "on lists that attackers try first" in page.said
    assert "password1234" not in page.text
    assert "password1234" not in str(page.headers)


async def test_reloading_after_a_refusal_shows_a_clean_page(person: Person) -> None:
    await person.sign_up(password="short")
    page = await person.get("/sign-up")
    assert page.title == "Create your account"
    assert "Use 12 characters" not in page.said


async def test_the_account_stands_when_the_phone_is_refused(person: Person, house: House) -> None:
    house.phone.refuses_phone = True
    page = await person.sign_up()
    assert page.path == "/enrol"
    assert "This number cannot be used" in page.said
    assert 'value="07400 123456"' in page.text

    house.phone.refuses_phone = False
    page = await person.send("/enrol", country="GB", phone="07400 123457")
    assert page.path == "/confirm"


@pytest.mark.parametrize(
    ("languages", "region"), [("en-GB,en;q=0.9", "GB"), ("pt-BR", "BR"), ("en", None), ("zz-QQ", None)]
)
async def test_the_country_is_guessed_from_the_languages(person: Person, languages: str, region: str | None) -> None:
    page = await person.get("/sign-up", **{"Accept-Language": languages})
    selected = re.search(r'<option value="(\w\w)"[^>]* selected', page.text)
    assert (selected and selected[1]) == region


async def test_auth_away_is_said_and_nothing_typed_is_lost(person: Person, house: House) -> None:
    house.credentials.away = True
    page = await person.sign_up()
    assert page.path == "/sign-up"
    assert "our fault" in page.said
    assert f'value="{EMAIL}"' in page.text


async def test_what_was_typed_is_shown_as_text_not_as_markup(person: Person) -> None:
    page = await person.sign_up(email='"><script>alert(1)</script>')
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text
