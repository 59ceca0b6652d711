"""It was not me: said on a page, and what the next sign-in leads to."""

from tests.fakes.house import EMAIL, PASSWORD, House, Person
from tests.fakes.signing_in import CODE

ANOTHER = "seven lamps under water"


async def confirmed(person: Person):
    """Password and a code."""
    await person.sign_in()
    await person.send("/confirm", channel="app")
    return await person.send("/confirm/code", code=CODE)


async def test_the_button_says_it_and_leads_to_signing_in_anew(person: Person, enrolled: House) -> None:
    await confirmed(person)
    await person.get("/sessions")
    page = await person.send("/sessions/not-me")
    assert (page.path, len(enrolled.phone.disavowals)) == ("/sign-in", 1)
    assert "You are signed out everywhere." in page.said
    assert (await person.get("/sessions")).path.startswith("/sign-in")


async def test_the_first_page_of_a_session_leads_to_it(person: Person, enrolled: House) -> None:
    home = await confirmed(person)
    assert 'href="/sessions#not-me"' in home.text
    assert 'id="not-me"' in (await person.get("/sessions")).text


async def test_password_and_factor_lead_to_a_new_password_and_from_there_on(person: Person, enrolled: House) -> None:
    enrolled.credentials.disavowed.add(EMAIL)
    page = await confirmed(person)
    assert (page.path, page.title) == ("/password/new", "Choose a new password")
    assert (await person.get("/sessions")).path.startswith("/sign-in"), "there is no session yet"
    await person.get("/password/new")
    page = await person.send("/password/new", password="short")
    assert "Use 12 characters or more" in page.said
    page = await person.send("/password/new", password=ANOTHER)
    assert (page.path, enrolled.credentials.accounts[EMAIL]) == ("/", ANOTHER)
    assert "Your password is changed" in page.said


async def test_who_has_not_confirmed_chooses_no_password(person: Person, enrolled: House) -> None:
    enrolled.credentials.disavowed.add(EMAIL)
    await person.sign_in()
    assert (await person.get("/password/new")).path != "/password/new"
    await person.send("/password/new", password=ANOTHER)
    assert enrolled.credentials.accounts[EMAIL] == PASSWORD


async def test_a_permission_that_is_over_leads_back_to_signing_in(person: Person, enrolled: House) -> None:
    enrolled.credentials.disavowed.add(EMAIL)
    await confirmed(person)
    enrolled.credentials.renewals.clear()
    page = await person.send("/password/new", password=ANOTHER)
    assert page.path == "/sign-in"
