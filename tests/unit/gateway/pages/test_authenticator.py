"""Authenticator apps and recovery codes, as a browser without scripts meets them."""

import re

import pytest

from gateway.pages.qr import qr_svg
from tests.fakes.house import EMAIL, PASSWORD, House, Person
from tests.fakes.signing_in import APP_CODE


async def without_phone(person: Person) -> None:
    page = await person.sign_up(phone="")
    assert (page.path, page.title) == ("/enrol", "Add a second factor")


async def test_who_has_no_phone_enrols_an_app_and_is_signed_in_by_its_first_code(person: Person, house: House) -> None:
    await without_phone(person)
    page = await person.send("/enrol/app/begin")
    assert page.path == "/enrol/app"
    assert "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP" in page.said
    assert (
        'href="otpauth://totp/Test:ana%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&amp;issuer=Test"'
        in page.text
    )
    assert '<svg aria-hidden="true" focusable="false"' in page.text
    page = await person.send("/enrol/app", code="123 456")
    assert page.path == "/factors/recovery?return_to=/"
    assert page.title == "Recovery codes"
    assert (await person.get("/")).title == "Signed in"
    assert (await person.get("/enrol/app")).path == "/", "and the secret is shown no more"


async def test_a_second_tab_shows_the_same_picture_until_it_is_confirmed(person: Person, house: House) -> None:
    await without_phone(person)
    await person.send("/enrol/app/begin")
    await person.get("/enrol")
    await person.send("/enrol/app/begin")
    assert house.phone.begun == 1
    house.clock.advance(minutes=2)
    page = await person.send("/enrol/app", code="000000")
    assert page.path == "/enrol/app"
    assert "Wrong code" in page.said
    assert house.phone.apps == []


async def test_what_took_too_long_is_begun_again(person: Person, house: House) -> None:
    await without_phone(person)
    await person.send("/enrol/app/begin")
    house.phone.forgets_apps = True
    page = await person.send("/enrol/app", code=APP_CODE)
    assert page.path == "/enrol"
    assert "That took too long. Begin again." in page.said
    house.phone.forgets_apps = False
    await person.send("/enrol/app/begin")
    assert house.phone.begun == 2
    assert (await person.send("/enrol/app", code=APP_CODE)).path.startswith("/factors/recovery")


async def test_an_old_picture_is_not_shown(person: Person, house: House) -> None:
    await without_phone(person)
    await person.send("/enrol/app/begin")
    house.clock.advance(minutes=10)
    assert (await person.get("/enrol/app")).path == "/enrol"


@pytest.mark.parametrize("path", ["/enrol/app", "/factors/app"])
async def test_a_stranger_sees_no_secret(stranger: Person, person: Person, house: House, path: str) -> None:
    await without_phone(person)
    await person.send("/enrol/app/begin")
    page = await stranger.get(path)
    assert page.path.startswith("/sign-in")
    assert "JBSW" not in page.text


async def test_the_next_login_asks_for_the_app(person: Person, house: House) -> None:
    await without_phone(person)
    await person.send("/enrol/app/begin")
    await person.send("/enrol/app", code=APP_CODE)
    await person.send("/sign-out")
    page = await person.sign_in()
    assert "Authenticator code" in page.said
    page = await person.send("/confirm", factor="totp-app-1")
    assert page.path == "/confirm/code"
    assert "read the six digits for Test service" in page.said
    assert (await person.send("/confirm/code", code=APP_CODE)).title == "Signed in"


async def test_an_app_is_added_from_inside_and_removed(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    await person.get("/factors")
    page = await person.send("/factors/app/begin")
    assert (page.path, page.title) == ("/factors/app", "Add an authenticator app")
    page = await person.send("/factors/app", code=APP_CODE)
    assert page.path == "/factors"
    assert "Your app is added." in page.said
    assert "Authenticator app" in page.said
    page = await person.send("/factors/remove", factor="totp-app-1")
    assert "It is removed" in page.said
    assert enrolled.phone.apps == []


async def test_adding_an_app_wants_a_confirmation_of_just_now(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    await person.get("/factors")
    enrolled.clock.advance(minutes=4)
    page = await person.send("/factors/app/begin")
    assert page.path == "/sign-in?return_to=/factors&reason=fresh"
    assert enrolled.phone.begun == 0
    assert (await person.get("/factors/recovery")).path == "/sign-in?return_to=/factors/recovery&reason=fresh"


async def test_codes_are_offered_after_the_first_phone_and_lead_on(person: Person, house: House) -> None:
    await person.get("/sign-up?return_to=/demo/")
    await person.send(
        "/sign-up", email=EMAIL, password=PASSWORD, country="GB", phone="07400 123456", return_to="/demo/"
    )
    page = await person.confirm(house)
    assert page.path == "/factors/recovery?return_to=/demo/"
    assert 'href="/demo/">Later' in page.text
    page = await person.send("/factors/recovery", return_to="/demo/")
    assert page.status == 200
    assert page.text.count("AAAA-BBBB-CCCC-DDDD-EEEE-") == 10
    assert 'href="/demo/">I have kept them' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    page = await person.get("/factors/recovery")
    assert "AAAA" not in page.text, "they are shown once"
    assert "You have 10 left" in page.said


@pytest.mark.parametrize("return_to", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_the_offer_leads_to_nobody_elses_page(person: Person, enrolled: House, return_to: str) -> None:
    await person.sign_in_wholly(enrolled)
    page = await person.get("/factors/recovery")
    page = await person.send("/factors/recovery", return_to=return_to)
    assert "evil" not in page.text
    assert "evil" not in (await person.get(f"/factors/recovery?return_to={return_to}")).text


async def test_a_recovery_code_signs_in_and_leads_to_what_was_lost(person: Person, enrolled: House) -> None:
    enrolled.phone.codes = ["AAAABBBBCCCCDDDDEEEE0001", "AAAABBBBCCCCDDDDEEEE0002"]
    page = await person.sign_in()
    assert "Recovery code" in page.said
    page = await person.send("/confirm", factor="recovery-1")
    assert (page.path, 'inputmode="numeric"' in page.text) == ("/confirm/code", False)
    page = await person.send("/confirm/code", code="AAAA BBBB CCCC DDDD EEEE 0001")
    assert page.path == "/factors"
    assert "That recovery code is used up." in page.said
    assert "1 left" in page.said


async def test_who_signs_in_with_the_code_of_a_reset_is_led_to_set_something_up(
    person: Person, enrolled: House
) -> None:
    enrolled.phone.enrolled, enrolled.phone.codes = False, ["AAAABBBBCCCCDDDDEEEE0001"]
    assert (await person.sign_in()).path == "/confirm", "and not to /enrol, where a password would be enough"
    await person.send("/confirm", factor="recovery-1")
    page = await person.send("/confirm/code", code="AAAA BBBB CCCC DDDD EEEE 0001")
    assert (page.path, "Add a phone or an app now" in page.said) == ("/factors", True)


async def test_a_wrong_recovery_code_is_a_wrong_code(person: Person, enrolled: House) -> None:
    enrolled.phone.codes = ["AAAABBBBCCCCDDDDEEEE0001"]
    await person.sign_in()
    await person.send("/confirm", factor="recovery-1")
    page = await person.send("/confirm/code", code="AAAA-BBBB-CCCC-DDDD-EEEE-0009")
    assert page.path == "/confirm/code"
    assert "Wrong code. 2 tries left." in page.said


def test_a_picture_holds_no_markup_of_the_text() -> None:
    drawn = qr_svg('otpauth://totp/"><script>alert(1)</script>?secret=A')
    assert re.fullmatch(
        r'<svg aria-hidden="true" focusable="false" (viewBox|class)="[^"<>]*".*</svg>\n?', drawn, re.DOTALL
    )
    assert "script" not in drawn
    assert "style" not in drawn
