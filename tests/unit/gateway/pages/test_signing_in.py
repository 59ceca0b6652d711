"""The whole way in, by push and by code, and all the ways it can go otherwise."""

import asyncio
import json
import re

import pytest

from gateway.model.answer import PeerAnswer
from gateway.model.challenge import Status
from gateway.model.errors import LimitReached, ProviderUnavailable, TokenRefused
from tests.fakes.house import EMAIL, House, Person
from tests.fakes.signing_in import CODE


async def test_an_approved_push_signs_in_and_home_says_how(person: Person, enrolled: House) -> None:
    await person.sign_in()
    page = await person.send("/confirm", channel="push")
    assert (page.path, page.title) == ("/confirm/wait", "Waiting for your phone")
    assert "Firefox on Linux" in page.said

    enrolled.phone.settle(Status.APPROVED)
    page = await person.get("/confirm/wait")
    assert (page.path, page.title) == ("/", "Signed in")
    assert EMAIL in page.said
    assert "Approval on your phone" in page.said
    assert 'href="/ledger/"' in page.text


async def test_the_person_returns_to_where_they_wanted_to_go(person: Person, enrolled: House) -> None:
    page = await person.get("/sign-in?return_to=/ledger/7%3Fyear%3D2026")
    assert 'name="return_to" value="/ledger/7?year=2026"' in page.text
    await person.send("/sign-in", email=EMAIL, password="correct kettle orbit swan", return_to="/ledger/7?year=2026")
    await person.send("/confirm", channel="push")
    enrolled.phone.settle(Status.APPROVED)
    page = await person.get("/confirm/wait")
    assert page.path == "/ledger/7?year=2026"


async def test_a_wrong_password_gets_one_plain_sentence_and_keeps_the_address(person: Person, enrolled: House) -> None:
    page = await person.sign_in(password="wrong wrong wrong")
    assert (page.path, page.title) == ("/sign-in", "Not signed in")
    assert "Wrong e-mail or password." in page.said
    assert f'value="{EMAIL}"' in page.text


async def test_unknown_and_wrong_sound_the_same(person: Person, stranger: Person, enrolled: House) -> None:
    known = await person.sign_in(password="wrong wrong wrong")
    unknown = await stranger.sign_in(email="who@example.com", password="wrong wrong wrong")
    assert known.said == unknown.said


async def test_signing_in_without_a_phone_leads_to_enrolment_never_past_it(person: Person, enrolled: House) -> None:
    enrolled.phone.enrolled = False
    assert (await person.sign_in()).path == "/enrol"
    assert (await person.get("/confirm")).path == "/enrol"
    assert (await person.get("/")).path == "/sign-in"


async def test_the_last_used_way_comes_first_and_what_does_not_work_says_why(person: Person, enrolled: House) -> None:
    enrolled.phone.last_used = "sms"
    enrolled.phone.reasons = {"push": "app_not_registered", "app": "app_not_registered"}
    page = await person.sign_in()
    order = [page.text.index(word) for word in ('value="sms-1"', 'value="voice-1"', "Approve on your phone")]
    assert order == sorted(order)
    assert 'name="factor" value="push' not in page.text
    assert "Needs the Authy app on this number" in page.said


async def test_denied_says_what_to_do_if_it_was_somebody_else(person: Person, enrolled: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="push")
    enrolled.phone.settle(Status.DENIED)
    page = await person.get("/confirm/wait")
    assert page.title == "Denied on your phone"
    assert "tell whoever runs Test service" in page.said

    page = await person.send("/confirm", channel="push")
    assert page.title == "Waiting for your phone"


async def test_denied_where_that_means_not_me_ends_the_login_and_asks_no_phone_again(
    person: Person, enrolled: House
) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="push")
    enrolled.phone.settle(Status.DENIED)
    enrolled.phone.is_over = True
    page = await person.get("/confirm/wait")
    assert page.title == "Denied on your phone"
    assert "All your sessions are over now" in page.said
    assert ('action="/confirm"' in page.text, 'href="/sign-in">Sign in again' in page.text) == (False, True)
    assert (await person.get("/confirm")).path == "/sign-in"


async def test_an_expired_request_can_be_sent_again(person: Person, enrolled: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="push")
    enrolled.phone.settle(Status.EXPIRED)
    page = await person.get("/confirm/wait")
    assert page.title == "Nobody answered"
    page = await person.send("/confirm", channel="push")
    assert page.title == "Waiting for your phone"


async def test_another_way_takes_the_first_request_back(person: Person, enrolled: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="push")
    page = await person.send("/confirm", channel="sms")
    assert page.path == "/confirm/code"
    assert [one.status for one in enrolled.phone.challenges.values()] == [Status.CANCELLED, Status.PENDING]


async def test_a_request_that_another_tab_opened_gives_way(person: Person, enrolled: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="push")
    visit = enrolled.visits.visits[person.cookie]
    enrolled.visits.visits[person.cookie] = visit.with_challenge(None)
    page = await person.send("/confirm", channel="push")
    assert page.title == "Waiting for your phone"
    assert len(enrolled.phone.challenges) == 2


async def test_the_right_code_signs_in(person: Person, enrolled: House) -> None:
    await person.sign_in()
    page = await person.send("/confirm", channel="app")
    assert (page.path, page.title) == ("/confirm/code", "Enter your code")
    assert 'autocomplete="one-time-code"' in page.text
    page = await person.send("/confirm/code", code="123 4567")
    assert page.title == "Signed in"


async def test_wrong_codes_count_down_and_the_last_one_ends_it(person: Person, enrolled: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="sms")
    assert "2 tries left" in (await person.send("/confirm/code", code="0000000")).said
    assert "This is your last try" in (await person.send("/confirm/code", code="0000000")).said
    page = await person.send("/confirm/code", code="0000000")
    assert (page.path, page.title) == ("/confirm/wait", "Too many wrong codes")


@pytest.mark.parametrize("code", ["", "12345", "1" * 13, "abcdefg", "١٢٣٤٥٦٧", "²²²²²²²", "12 34", "../../users"])
async def test_what_is_no_code_is_not_even_asked_about(person: Person, enrolled: House, code: str) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="sms")
    page = await person.send("/confirm/code", code=code)
    assert "A code has 6 to 12 digits" in page.said
    assert enrolled.phone.latest.tries_left == 3


async def test_a_text_that_was_held_back_says_open_your_app(person: Person, enrolled: House) -> None:
    enrolled.phone.delivery["sms"] = "open_app"
    await person.sign_in()
    page = await person.send("/confirm", channel="sms")
    assert "Open your Authy app" in page.said
    assert "texted" not in page.said


async def test_cancelling_takes_the_request_back_and_forgets_the_login(person: Person, enrolled: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="push")
    page = await person.send("/confirm/cancel")
    assert page.path == "/sign-in"
    assert "Signing in was cancelled." in page.said
    assert enrolled.phone.latest.status is Status.CANCELLED
    assert enrolled.visits.visits == {}


async def test_approved_with_auth_away_offers_to_try_again_and_does_not_loop(person: Person, enrolled: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="push")
    enrolled.phone.settle(Status.APPROVED)
    enrolled.credentials.away = True
    page = await person.get("/confirm/wait")
    assert (page.path, page.title) == ("/confirm/wait", "Approved, one step left")
    enrolled.credentials.away = False
    page = await person.send("/confirm/finish")
    assert page.title == "Signed in"


async def test_two_tabs_that_finish_at_once_give_one_session(person: Person, enrolled: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="push")
    enrolled.phone.settle(Status.APPROVED)
    pages = await asyncio.gather(*(person.get("/confirm/wait") for _ in range(5)))
    assert {page.status for page in pages} == {200}
    assert len(enrolled.credentials.spent) == 1
    assert (await person.get("/")).title == "Signed in"


async def test_the_back_button_after_signing_in_leads_home(person: Person, enrolled: House) -> None:
    await _signed_in(person, enrolled)
    for path in ("/sign-in", "/confirm", "/confirm/wait", "/confirm/code", "/enrol"):
        assert (await person.get(path)).title == "Signed in"


@pytest.mark.parametrize("path", ["/", "/confirm", "/confirm/wait", "/confirm/code", "/enrol"])
async def test_a_stranger_is_led_to_the_sign_in_page(stranger: Person, path: str) -> None:
    assert (await stranger.get(path)).path == "/sign-in"


async def test_signing_out_ends_the_session_everywhere(person: Person, enrolled: House) -> None:
    await _signed_in(person, enrolled)
    page = await person.send("/sign-out")
    assert page.path == "/sign-in"
    assert "You are signed out." in page.said
    assert len(enrolled.credentials.ended) == 1
    assert enrolled.visits.visits == {}


async def test_signing_out_works_while_auth_is_away(person: Person, enrolled: House) -> None:
    await _signed_in(person, enrolled)
    enrolled.credentials.away = True
    assert "You are signed out." in (await person.send("/sign-out")).said


@pytest.mark.parametrize(
    ("refusal", "said"),
    [(ProviderUnavailable(), "Authy does not answer"), (LimitReached(), "Too many tries")],
)
async def test_a_push_that_cannot_be_sent_says_why(
    person: Person, enrolled: House, refusal: Exception, said: str
) -> None:
    await person.sign_in()
    enrolled.phone.refusal = refusal
    page = await person.send("/confirm", channel="push")
    assert page.path == "/confirm"
    assert said in page.said


async def test_what_was_just_tried_in_vain_is_offered_last_and_not_first(person: Person, enrolled: House) -> None:
    await person.sign_in()
    enrolled.phone.refusal = ProviderUnavailable()
    for typed in ({"channel": "push"}, {"factor": "push-1"}):
        page = await person.send("/confirm", **typed)
        offered = re.findall(r'name="factor" value="(\w+)-1"', page.text)
        assert (offered[-1], sorted(offered)) == ("push", ["app", "push", "sms", "voice"])
    again = re.findall(r'name="factor" value="(\w+)-1"', (await person.get("/confirm")).text)
    assert again[0] == "push", "it is shown once, like every note"


async def test_a_login_that_took_too_long_starts_again_with_the_password(person: Person, enrolled: House) -> None:
    await person.sign_in()
    enrolled.phone.refusal = TokenRefused()
    page = await person.send("/confirm", channel="push")
    assert page.path == "/sign-in"
    assert "This sign-in is over" in page.said


async def test_a_login_that_asked_too_often_is_told_to_start_again(person: Person, enrolled: House) -> None:
    await person.sign_in()
    enrolled.phone.refusal = LimitReached()
    enrolled.phone.refusal.answer = PeerAnswer(429, document={"error": "too_many_challenges"})
    page = await person.send("/confirm", channel="push")
    assert "start again with your password" in page.said


async def test_a_channel_that_does_not_exist_changes_nothing(person: Person, enrolled: House) -> None:
    await person.sign_in()
    page = await person.send("/confirm", channel="telepathy")
    assert (page.path, page.status) == ("/confirm", 200)
    assert enrolled.phone.challenges == {}


async def test_the_waiting_page_hears_the_phone(person: Person, enrolled: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="push")
    async with person.session.get(person.base.join(person.base.with_path("/confirm/wait/events"))) as stream:
        assert stream.content_type == "text/event-stream"
        assert await _event(stream) == {"status": "pending", "waiting_for": ["phone"]}
        enrolled.phone.settle(Status.APPROVED)
        assert await _event(stream) == {"status": "approved", "waiting_for": []}
        assert await stream.content.read() == b""


async def test_asking_for_the_status_works_without_a_stream(person: Person, enrolled: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="push")
    assert json.loads((await person.get("/confirm/wait/status")).text) == {
        "status": "pending",
        "waiting_for": ["phone"],
    }
    enrolled.phone.settle(Status.DENIED)
    assert json.loads((await person.get("/confirm/wait/status")).text) == {"status": "denied", "waiting_for": []}


async def test_whoever_listens_without_a_login_is_told_to_move_on(stranger: Person, enrolled: House) -> None:
    assert json.loads((await stranger.get("/confirm/wait/status")).text) == {"status": "moved"}
    async with stranger.session.get(stranger.base.with_path("/confirm/wait/events")) as stream:
        assert await _event(stream) == {"status": "moved"}


async def test_without_scripts_the_waiting_page_refreshes_itself(person: Person, enrolled: House) -> None:
    await person.sign_in()
    page = await person.send("/confirm", channel="push")
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page.text


async def _signed_in(person: Person, house: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="app")
    page = await person.send("/confirm/code", code=CODE)
    assert page.title == "Signed in"
    assert house.credentials.spent


async def _event(stream) -> object:
    lines = []
    while (line := (await stream.content.readline()).decode().strip()) or not lines:
        lines.append(line)
    return json.loads(next(line[6:] for line in lines if line.startswith("data: ")))
