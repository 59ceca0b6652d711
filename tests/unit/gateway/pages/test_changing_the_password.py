"""Another password, and what else that ends."""

import re

import pytest

from tests.fakes.house import EMAIL, PASSWORD, House, Person

NEW = "seven lamps under water"


async def change(person: Person, current: str = PASSWORD, new: str = NEW):
    return await person.send("/password", current_password=current, password=new)


async def test_a_new_password_holds_and_the_other_sessions_are_over(person: Person, enrolled: House) -> None:
    home = await person.sign_in_wholly(enrolled)
    assert 'href="/password"' in home.text
    enrolled.credentials.desk.open("other", EMAIL)
    page = await person.get("/password")
    assert "All your other sessions end." in page.said
    page = await change(person)
    assert (page.path, page.title) == ("/", "Signed in")
    assert "Your password is changed, and all your other sessions are over." in page.said
    assert enrolled.credentials.accounts[EMAIL] == NEW
    assert len(enrolled.credentials.desk.by_token) == 1


@pytest.mark.parametrize(
    ("current", "new", "field", "said"),
    [
        ("wrong wrong wrong", NEW, "current_password", "This is not your password"),
        ("", NEW, "current_password", "Enter the password you have now"),
        (PASSWORD, "short", "password", "Use 12 characters or more"),
        (PASSWORD, "x" * 129, "password", "Use 128 characters or fewer"),
        (PASSWORD, PASSWORD, "password", "This is the password you have now"),
        (PASSWORD, "password1234", "password", "on lists that attackers try first"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(
    person: Person, enrolled: House, current: str, new: str, field: str, said: str
) -> None:
    await person.sign_in_wholly(enrolled)
    page = await change(person, current, new)
    assert (page.path, page.title) == ("/password", "Please check: change your password")
    assert said in re.search(rf'id="{field}-wrong">(.*?)</p>', page.text, re.DOTALL)[1]
    assert enrolled.credentials.accounts[EMAIL] == PASSWORD


async def test_neither_password_ever_comes_back(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    page = await change(person, "not the right one", NEW)
    for secret in ("not the right one", NEW):
        assert secret not in page.text + str(page.headers)


async def test_a_manager_is_told_whose_password_it_is(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    page = await person.get("/password")
    assert re.search(rf'value="{EMAIL}" autocomplete="username"', page.text)
    assert {"current-password", "new-password"} <= set(re.findall(r'autocomplete="([^"]*)"', page.text))


async def test_an_old_confirmation_is_renewed_before_anything_is_typed(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    enrolled.clock.advance(minutes=3, seconds=1)
    assert (await person.get("/password")).path == "/sign-in?return_to=/password&reason=fresh"


async def test_whoever_took_too_long_to_type_confirms_again_and_nothing_has_changed(
    person: Person, enrolled: House
) -> None:
    await person.sign_in_wholly(enrolled)
    await person.get("/password")
    enrolled.clock.advance(minutes=6)
    page = await change(person)
    assert page.path == "/sign-in?return_to=/password&reason=fresh"
    assert enrolled.credentials.accounts[EMAIL] == PASSWORD


async def test_auth_away_is_said_on_the_page(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    enrolled.credentials.away = True
    page = await change(person)
    assert page.path == "/password"
    assert "our fault" in page.said
