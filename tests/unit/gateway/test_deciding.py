"""The one decision, the visit, and the challenge as pure values."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.model.access import CallerRefused
from gateway.model.challenge import News, Status, read_challenge, read_news
from gateway.model.decision import Approach, Forward, SignInFirst, decide
from gateway.model.errors import CrossSite, NotSignedIn
from gateway.model.identity import Identity
from gateway.model.policy import Require, Route
from gateway.model.tokens import PartialLogin, Tokens
from gateway.model.visit import Visit
from tests.fakes.clock import FakeClock

NOW = FakeClock()()
EVE = Identity("eve", "s-1", "aal2", ("pwd",), NOW, NOW + timedelta(minutes=5))
CLOSED = Route("/app", "http://up", "app", Require.AAL2)
OPEN = replace(CLOSED, require=Require.ANONYMOUS)
GET = Approach("GET", "/app", "a=1")
DOCUMENT = {
    "id": "c-1", "channel": "push", "status": "pending", "updated_at": "2026-01-02T03:04:05Z", "expires_at": "2026-01-02T03:06:05Z",
    "expires_in": 120, "interval": 2, "something_new": [1],
}  # fmt: skip


def test_an_open_route_asks_nobody_and_names_nobody() -> None:
    assert decide(OPEN, GET, EVE, NOW) == Forward(OPEN, None)


def test_a_person_is_led_to_sign_in_and_a_program_is_refused() -> None:
    assert decide(CLOSED, replace(GET, is_navigation=True), None, NOW) == SignInFirst("/app?a=1")
    with pytest.raises(NotSignedIn):
        decide(CLOSED, GET, None, NOW)


def test_nobody_is_asked_for_their_phone_who_is_in_none_of_the_groups() -> None:
    books = replace(CLOSED, groups=frozenset({"audit"}), max_age=60)
    late, navigation = NOW + timedelta(minutes=4), replace(GET, is_navigation=True)
    with pytest.raises(CallerRefused):
        decide(books, navigation, EVE, late)
    auditor = replace(EVE, groups=frozenset({"audit", "ops"}))
    assert decide(books, navigation, auditor, late) == SignInFirst("/app?a=1", is_fresh=True)
    assert decide(books, navigation, auditor, NOW) == Forward(books, auditor)


@pytest.mark.parametrize(
    "approach", [replace(GET, method="POST"), replace(GET, is_socket=True), replace(GET, method="LOCK")]
)
def test_a_cookie_acts_only_for_our_own_pages(approach: Approach) -> None:
    with pytest.raises(CrossSite):
        decide(CLOSED, approach, EVE, NOW)
    assert decide(CLOSED, replace(approach, is_own=True), EVE, NOW) == Forward(CLOSED, EVE)
    assert decide(CLOSED, replace(approach, bearer="t"), EVE, NOW) == Forward(CLOSED, EVE)


def test_each_change_of_privilege_drops_the_id() -> None:
    partial, tokens = PartialLogin("p", "u", 300, NOW), Tokens("a", "r", 300, NOW)
    known = Visit(cookie="one", return_to="/app")
    login = known.with_login(partial, "eve@example.com")
    session = replace(login, cookie="two", superseded=None).with_session(tokens)
    out = replace(session, cookie="three", superseded=None).signed_out()
    assert [(v.cookie, v.superseded, v.return_to) for v in (login, session, out)] == [
        (None, "one", "/app"), (None, "two", "/app"), (None, "three", "/app"),
    ]  # fmt: skip
    assert session.is_signed_in
    assert session.partial is None
    assert not out.is_signed_in
    assert known.with_challenge("c").cookie == "one"


def test_a_form_belongs_to_one_visit() -> None:
    visit = Visit(cookie="one")
    assert visit.is_csrf(visit.csrf)
    assert not visit.is_csrf(Visit(cookie="two").csrf)
    assert not visit.is_csrf("é")
    assert not Visit().is_csrf(Visit().csrf)


def test_secrets_do_not_show_in_representations() -> None:
    text = repr(
        Visit(
            "cookie-1",
            "eve@example.com",
            PartialLogin("partial-1", "u", 1, NOW),
            None,
            Tokens("access-1", "refresh-1", 1, NOW),
        )
    )
    assert not any(secret in text for secret in ("cookie-1", "eve@", "partial-1", "access-1", "refresh-1"))


def test_a_challenge_keeps_what_it_does_not_understand_and_follows_the_news() -> None:
    challenge = read_challenge(DOCUMENT)
    assert (challenge.status, challenge.is_settled) == (Status.PENDING, False)
    moved = challenge.after(News("c-1", Status.DENIED, "by_person", "2026-01-02T03:04:09.123456Z"))
    assert (moved.status, moved.reason, moved.is_settled) == (Status.DENIED, "by_person", True)
    assert moved.document["something_new"] == [1]
    assert moved.document["status"] == "denied"
    assert (
        moved.version == read_challenge({**DOCUMENT, "status": "denied", "updated_at": "2026-01-02T03:04:09Z"}).version
    )
    assert challenge.as_of(NOW + timedelta(seconds=30)).document["expires_in"] == 90
    assert challenge.as_of(NOW + timedelta(hours=1)).expires_in == 0


@pytest.mark.parametrize(
    "change", [{"status": "won"}, {"expires_at": "soon"}, {"updated_at": None}, {"expires_in": "x"}, {"id": ...}]
)
def test_nonsense_is_no_challenge(change: dict[str, object]) -> None:
    document = {name: value for name, value in {**DOCUMENT, **change}.items() if value is not ...}
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_challenge(document)


@pytest.mark.parametrize(
    "document",
    [{}, {"id": "c", "status": "won", "updated_at": "2026-01-02"}, {"id": "c", "status": "denied", "updated_at": "x"}],
)
def test_nonsense_is_no_news(document: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_news(document)
