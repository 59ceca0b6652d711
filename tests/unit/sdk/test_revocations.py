"""Ended sessions are known, forgotten when they matter no more, and it is said when they cannot be known."""

from datetime import timedelta

import pytest

from countersign import ACCESS, Ended, InvalidToken, Revocations, RevocationsStale, Verifier
from countersign.sse import Event
from countersign.testing import Issuer
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def ended(session: str, event_id: str = "1-0") -> Event:
    return Event("ended", f'{{"sid":"{session}","at":1767323045119}}', event_id)


CAUGHT_UP = Event("caught_up", "{}", "9-0")


def test_an_ended_session_is_refused_for_as_long_as_its_tokens_live(clock: FakeClock) -> None:
    revocations = Revocations(clock=clock)
    revocations.hear(ended("s1"))
    revocations.require_open("s2")
    clock.advance(seconds=299)
    with pytest.raises(Ended):
        revocations.require_open("s1")
    clock.advance(seconds=1)
    revocations.require_open("s1")
    revocations.note("s3")
    assert len(revocations) == 1, "what matters no more is forgotten"


def test_an_entry_that_comes_twice_means_the_same(clock: FakeClock) -> None:
    revocations = Revocations(clock=clock)
    revocations.hear(ended("s1"))
    clock.advance(seconds=200)
    revocations.hear(ended("s1"))
    clock.advance(seconds=200)
    with pytest.raises(Ended):
        revocations.require_open("s1")
    assert len(revocations) == 1


def test_nothing_is_known_until_the_feed_has_caught_up(clock: FakeClock) -> None:
    revocations = Revocations(stale_after=timedelta(seconds=5), clock=clock)
    assert revocations.is_stale
    revocations.require_open("s1")
    clock.advance(seconds=6)
    revocations.hear(ended("s0"))
    with pytest.raises(RevocationsStale):
        revocations.require_open("s1")
    revocations.hear(CAUGHT_UP)
    assert (revocations.is_stale, revocations.stale_for, revocations.last_id) == (False, timedelta(0), "9-0")
    revocations.require_open("s1")


def test_staleness_counts_from_the_last_word_and_not_from_the_broken_connection(clock: FakeClock) -> None:
    revocations = Revocations(stale_after=timedelta(seconds=30), clock=clock)
    revocations.hear(CAUGHT_UP)
    revocations.hear_anything()
    clock.advance(seconds=20)
    revocations.lose_touch()
    assert (revocations.is_stale, revocations.stale_for) == (True, timedelta(seconds=20))
    revocations.require_open("s1")
    clock.advance(seconds=11)
    with pytest.raises(RevocationsStale):
        revocations.require_open("s1")
    revocations.hear(ended("s2"))
    with pytest.raises(Ended):
        revocations.require_open("s2")


def test_a_service_that_would_rather_go_on_goes_on_and_says_that_it_does_not_know(clock: FakeClock) -> None:
    revocations = Revocations(clock=clock)
    clock.advance(hours=1)
    revocations.require_open("s1")
    assert revocations.stale_for == timedelta(hours=1)


def test_more_endings_than_there_is_room_for_are_said_and_not_forgotten_silently(clock: FakeClock) -> None:
    revocations = Revocations(most=3, stale_after=timedelta(minutes=1), clock=clock)
    revocations.hear(CAUGHT_UP)
    for number in range(4):
        revocations.note(f"s{number}")
    assert (len(revocations), revocations.is_stale) == (3, True)
    with pytest.raises(RevocationsStale):
        revocations.require_open("s0")
    clock.advance(minutes=5)
    assert not revocations.is_stale
    revocations.require_open("s0")


@pytest.mark.parametrize("data", ["", "[]", "{}", '{"sid":1}', '{"sid":""}', "nonsense"])
def test_an_ending_that_cannot_be_read_is_not_passed_over(clock: FakeClock, data: str) -> None:
    revocations = Revocations(clock=clock)
    with pytest.raises(ValueError):
        revocations.hear(Event("ended", data, "1-0"))
    assert revocations.last_id == ""


async def test_a_verifier_consults_the_list_when_it_is_given_one(clock: FakeClock) -> None:
    issuer, revocations = Issuer(clock=clock), Revocations(clock=clock)
    token = issuer.access_token(sid="s1")
    with_list = Verifier(
        ACCESS, issuer=issuer.url, audience="countersign", keys=issuer.auth, revocations=revocations, clock=clock
    )
    without = Verifier(ACCESS, issuer=issuer.url, audience="countersign", keys=issuer.auth, clock=clock)
    await with_list.verify(token)
    revocations.note("s1")
    with pytest.raises(InvalidToken):
        await with_list.verify(token)
    assert (await without.verify(token)).session == "s1"
