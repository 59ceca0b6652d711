"""Step-up for people: who is signed in proves it once more, and goes on from where they were."""

import pytest

from gateway.model.challenge import Status
from gateway.model.errors import TokenRefused
from tests.fakes.house import EMAIL, PASSWORD, House, Person

AGAIN = "/sign-in?return_to=/password&reason=fresh"


async def again(person: Person, **changed: str) -> None:
    await person.send(
        "/sign-in",
        **{"email": EMAIL, "password": PASSWORD, "return_to": "/password", "reason": "fresh", **changed},
    )


async def test_the_page_says_why_and_who_and_does_not_ask_for_the_address(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    page = await person.get(AGAIN)
    assert page.title == "Confirm once more"
    assert "Before you change your password" in page.said
    assert EMAIL in page.said
    page = await person.get("/sign-in?return_to=/ledger/7&reason=fresh")
    assert "wants to know that you have confirmed" in page.said


async def test_confirmed_again_leads_back_and_the_session_before_is_over(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    enrolled.clock.advance(minutes=20)
    assert (await person.get("/password")).path == AGAIN
    await again(person)
    page = await person.confirm(enrolled)
    assert (page.path, page.title) == ("/password", "Change your password")
    assert len(enrolled.credentials.ended) == 1
    assert len(enrolled.credentials.desk.by_token) == 1


async def test_whoever_does_not_confirm_again_stays_signed_in(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    await person.get(AGAIN)
    await again(person)
    await person.send("/confirm", channel="push")
    page = await person.send("/confirm/cancel")
    assert (page.path, page.title) == ("/", "Signed in")
    assert "you are still signed in" in page.said
    assert enrolled.phone.latest.status is Status.CANCELLED
    assert len(enrolled.credentials.desk.by_token) == 1


async def test_a_denied_confirmation_says_what_follows(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    await person.get(AGAIN)
    await again(person)
    await person.send("/confirm", channel="push")
    enrolled.phone.settle(Status.DENIED)
    enrolled.phone.is_over = True
    page = await person.get("/confirm/wait")
    assert "All your sessions are over now" in page.said, "and auth ends them; here they are only said to be"
    assert (await person.get("/")).title == "Signed in"


async def test_a_wrong_password_keeps_the_reason_and_the_way_back(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    await person.get(AGAIN)
    await again(person, password="wrong wrong wrong")
    page = await person.get(AGAIN)
    assert page.title == "Confirm once more"
    page = await person.send(
        "/sign-in", email=EMAIL, password="wrong wrong wrong", return_to="/password", reason="fresh"
    )
    assert (page.path, page.title) == (AGAIN, "Not confirmed")
    assert "Wrong e-mail or password." in page.said


async def test_a_wrong_password_at_the_first_sign_in_keeps_the_way_back(person: Person, enrolled: House) -> None:
    page = await person.sign_in(password="wrong wrong wrong", return_to="/ledger/7")
    assert page.path == "/sign-in?return_to=/ledger/7"
    assert 'name="return_to" value="/ledger/7"' in page.text


async def test_a_confirmation_that_took_too_long_is_begun_anew_not_the_session(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    await person.get(AGAIN)
    await again(person)
    enrolled.phone.refusal = TokenRefused()
    page = await person.send("/confirm", channel="push")
    assert page.path == AGAIN
    assert "This sign-in is over" in page.said
    assert (await person.get("/")).title == "Signed in"


async def test_who_is_not_signed_in_just_signs_in(stranger: Person, enrolled: House) -> None:
    page = await stranger.get(AGAIN)
    assert page.title == "Sign in"
    assert 'name="return_to" value="/password"' in page.text


async def test_somebody_else_at_the_same_browser_gets_a_session_of_their_own_only(
    person: Person, enrolled: House
) -> None:
    enrolled.credentials.accounts["eve@example.com"] = PASSWORD
    await person.sign_in_wholly(enrolled)
    await person.get(AGAIN)
    await again(person, email="eve@example.com")
    assert (await person.get("/")).path == "/sign-in"
    await person.get("/confirm")
    page = await person.confirm(enrolled)
    assert "eve@example.com" not in (await person.get("/sessions")).said
    assert page.title in {"Change your password", "Signed in"}
    assert enrolled.visits.visits[person.cookie].email == "eve@example.com"


async def test_with_auth_away_at_the_end_the_new_session_holds_all_the_same(person: Person, enrolled: House) -> None:
    await person.sign_in_wholly(enrolled)
    await person.get(AGAIN)
    await again(person)
    enrolled.credentials.ends_nothing = True
    assert (await person.confirm(enrolled)).title == "Change your password"


@pytest.mark.parametrize("reason", ["", "stale", "FRESH", "fresh ", "1"])
async def test_another_reason_is_none(person: Person, enrolled: House, reason: str) -> None:
    await person.sign_in_wholly(enrolled)
    page = await person.get(f"/sign-in?reason={reason.replace(' ', '%20')}")
    assert page.title == "Signed in"
