"""A push that is bound, as its pages say it: type the number, approve on the phone, in any order."""

import json

import pytest

from gateway.model.challenge import Status
from tests.fakes.house import House, Person
from tests.fakes.signing_in import NUMBER

FORM = {"channel": "push"}


@pytest.fixture
async def waiting(person: Person, enrolled: House) -> Person:
    """Somebody whose push waits for both."""
    enrolled.phone.binds = True
    await person.sign_in()
    page = await person.send("/confirm", channel="push")
    assert page.path == "/confirm/wait"
    return person


async def test_the_page_asks_for_the_number_and_does_not_refresh_while_it_is_typed(waiting: Person) -> None:
    page = await waiting.get("/confirm/wait")
    assert "Type the number that your phone shows" in page.said
    assert 'http-equiv="refresh"' not in page.text
    assert NUMBER not in page.text


async def test_the_number_first_then_the_phone(waiting: Person, enrolled: House) -> None:
    page = await waiting.send("/confirm/code", code=NUMBER, **FORM)
    assert (page.path, "Now approve on your phone" in page.said) == ("/confirm/wait", True)
    assert 'http-equiv="refresh"' in page.text
    assert 'name="code"' not in page.text
    enrolled.phone.phone_says_yes()
    assert (await waiting.get("/confirm/wait")).path == "/"


async def test_the_phone_first_then_the_number(waiting: Person, enrolled: House) -> None:
    enrolled.phone.phone_says_yes()
    page = await waiting.get("/confirm/wait")
    assert "Your phone said yes Now type the number" in page.said
    assert (await waiting.send("/confirm/code", code=f" {NUMBER[:3]} {NUMBER[3:]} ", **FORM)).path == "/"


async def test_a_wrong_number_is_said_beside_the_field(waiting: Person) -> None:
    page = await waiting.send("/confirm/code", code="000000", **FORM)
    assert (page.path, page.title) == ("/confirm/wait", "Wrong number")
    assert "Wrong code. 2 tries left." in page.said


async def test_what_is_no_number_is_said_beside_the_field(waiting: Person) -> None:
    page = await waiting.send("/confirm/code", code="12", **FORM)
    assert (page.path, "A code has 6 to 12 digits" in page.said) == ("/confirm/wait", True)


async def test_the_third_wrong_number_ends_it_and_says_what_that_may_mean(waiting: Person, enrolled: House) -> None:
    for _ in range(3):
        page = await waiting.send("/confirm/code", code="000000", **FORM)
    assert enrolled.phone.latest.status is Status.DENIED
    page = await waiting.get("/confirm/wait")
    assert page.title == "Too many wrong numbers"
    assert "Was it not you who tried?" in page.said


async def test_the_number_sent_twice_leads_to_what_is_missing_yet(waiting: Person) -> None:
    await waiting.send("/confirm/code", code=NUMBER, **FORM)
    page = await waiting.send("/confirm/code", code=NUMBER, **FORM)
    assert (page.path, "Now approve on your phone" in page.said) == ("/confirm/wait", True)


async def test_scripts_hear_which_half_is_here(waiting: Person, enrolled: House) -> None:
    async def missing() -> list[str]:
        found: list[str] = json.loads((await waiting.get("/confirm/wait/status")).text)["waiting_for"]
        return found

    assert await missing() == ["phone", "code"]
    enrolled.phone.phone_says_yes()
    assert await missing() == ["code"]
