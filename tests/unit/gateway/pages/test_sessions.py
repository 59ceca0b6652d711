"""Where one is signed in, and ending it."""

import re

import pytest

from gateway.model.challenge import Status
from tests.fakes.house import EMAIL, House, Person


async def test_home_leads_to_the_sessions_and_they_are_said_in_words(person: Person, enrolled: House) -> None:
    home = await person.sign_in_wholly(enrolled)
    assert 'href="/sessions"' in home.text
    enrolled.credentials.desk.open("phone", EMAIL, "Safari on iPhone", "198.51.100.0/24")
    enrolled.clock.advance(minutes=12)
    page = await person.get("/sessions")
    assert page.title == "Where you are signed in"
    assert "Firefox on Linux Network 203.0.113.0/24 Used now" in page.said
    assert "This one Safari on iPhone Network 198.51.100.0/24 Used 12 minutes ago" in page.said
    assert "Password, then approval on your phone" in page.said


async def test_nobody_else_s_sessions_are_shown(person: Person, enrolled: House) -> None:
    enrolled.credentials.desk.open("hers", "eve@example.com", "Eve's browser")
    await person.sign_in_wholly(enrolled)
    page = await person.get("/sessions")
    assert "Eve" not in page.said
    assert "You are signed in nowhere else." in page.said


async def test_one_session_is_ended_and_the_page_says_so(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    other = enrolled.credentials.desk.open("phone", EMAIL, "Safari on iPhone")
    page = await person.get("/sessions")
    assert other.id in page.text
    page = await person.send("/sessions/end", session=other.id)
    assert page.path == "/sessions"
    assert "That session is over." in page.said
    assert "Safari" not in page.said


async def test_a_session_that_had_ended_already_is_no_error(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    for unknown in ("00000000-0000-0000-0000-0000000000ff", "", "../../users"):
        page = await person.send("/sessions/end", session=unknown)
        assert (page.path, page.status) == ("/sessions", 200)


async def test_ending_this_one_signs_out(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    here = next(iter(enrolled.credentials.desk.by_token.values()))
    page = await person.send("/sessions/end", session=here.id)
    assert page.path == "/sign-in"
    assert "You are signed out." in page.said
    assert enrolled.visits.visits == {}


async def test_all_others_are_ended_and_this_one_stays(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    for number in range(3):
        enrolled.credentials.desk.open(f"other {number}", EMAIL)
    page = await person.send("/sessions/end-others")
    assert "All your other sessions are over." in page.said
    assert "You are signed in nowhere else." in page.said
    assert (await person.get("/")).title == "Signed in"


async def test_signing_out_everywhere_leaves_nothing_open(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    enrolled.credentials.desk.open("other", EMAIL)
    page = await person.send("/sessions/end-all")
    assert page.path == "/sign-in"
    assert "You are signed out everywhere." in page.said
    assert enrolled.credentials.desk.by_token == {}
    assert enrolled.visits.visits == {}


@pytest.mark.parametrize("path", ["/sessions", "/password", "/factors", "/factors/add"])
async def test_a_stranger_signs_in_first_and_comes_back(person: Person, enrolled: House, path: str) -> None:
    page = await person.get(path)
    assert page.path == f"/sign-in?return_to={path}"
    return_to = re.search(r'name="return_to" value="([^"]*)"', page.text)
    assert return_to
    await person.send("/sign-in", email=EMAIL, password="correct kettle orbit swan", return_to=return_to[1])
    assert (await person.confirm(enrolled)).path == path


async def test_whoever_was_signed_out_from_elsewhere_is_told_and_not_sent_in_a_circle(
    person: Person, enrolled: House
) -> None:
    await person.sign_in_wholly(enrolled)
    await person.get("/")
    enrolled.credentials.desk.by_token.clear()
    page = await person.get("/sessions")
    assert page.path == "/sign-in?return_to=/sessions"
    assert "Your session is over" in page.said
    page = await person.send("/sign-in", email=EMAIL, password="correct kettle orbit swan", return_to="/sessions")
    assert page.path == "/confirm"


@pytest.mark.parametrize(("path", "led_to"), [("/", "/sign-in"), ("/password", "/sign-in?return_to=/password")])
async def test_a_session_that_the_gateway_knows_to_be_over_is_said_and_its_form_works(
    person: Person, enrolled: House, path: str, led_to: str
) -> None:
    await person.sign_in_wholly(enrolled)
    enrolled.known_over.update(enrolled.credentials.desk.by_token)
    page = await person.get(path)
    assert page.path == led_to
    assert "Your session is over" in page.said
    page = await person.send("/sign-in", email=EMAIL, password="correct kettle orbit swan")
    assert page.path == "/confirm"


async def test_auth_away_is_an_error_page_to_look_at_and_a_sentence_to_a_form(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    await person.get("/sessions")
    enrolled.credentials.away = True
    page = await person.send("/sessions/end-others")
    assert (page.status, page.title) == (503, "Back in a moment")
    enrolled.credentials.away = False
    assert (await person.get("/sessions")).status == 200


async def test_the_sessions_page_works_while_a_confirmation_is_under_way(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    await person.get("/sign-in?reason=fresh")
    await person.send("/sign-in", email=EMAIL, password="correct kettle orbit swan", reason="fresh")
    await person.send("/confirm", channel="push")
    assert (await person.get("/sessions")).title == "Where you are signed in"
    enrolled.phone.settle(Status.APPROVED)
    assert (await person.get("/confirm/wait")).title == "Signed in"


INSIDE = ["/", "/sessions", "/factors", "/factors/add", "/factors/recovery", "/password", "/sign-in?reason=fresh"]


@pytest.mark.parametrize("path", INSIDE)
async def test_every_page_inside_has_the_way_out_on_it(person: Person, enrolled: House, path: str) -> None:
    await person.sign_in_wholly(enrolled)
    page = await person.get(path)
    assert page.path == path
    assert page.text.count('action="/sign-out"') == 1
    assert "Sign out" in page.said
    assert (await person.send("/sign-out")).path == "/sign-in"
    assert enrolled.visits.visits == {}
