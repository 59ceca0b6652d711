"""Two that move one challenge at once: the loser looks again, and what it finds decides."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.twofactor.flows.advance import Advance
from services.twofactor.flows.pace_pushes import PacePushes
from services.twofactor.model.challenge import Event, Status
from services.twofactor.model.errors import ChallengeClosed, ChallengeUnknown, Conflict
from tests.fakes.clock import FakeClock
from tests.fakes.twofactor_drafts import START, a_challenge
from tests.fakes.twofactor_stores import FakeChallenges, FakePushEnds, FakePushPaces, RecordedEvents


class Contested(FakeChallenges):
    """Somebody else is always a little faster, as often as there are `rivals`."""

    def __init__(self, rivals):
        super().__init__()
        self.rivals = list(rivals)

    async def move(self, moved, *, expected, closes):
        if self.rivals:
            status, ends = self.rivals.pop(0)
            current = self.stored[moved.login, moved.id]
            self.stored[moved.login, moved.id] = replace(current, status=status, expires_at=ends or current.expires_at)
            return False
        return await super().move(moved, expected=expected, closes=closes)


async def contested(*rivals, **facts):
    store, challenge = Contested(rivals), a_challenge(**facts)
    await store.open(challenge, at_most=5)
    clock = FakeClock(START)
    pushes = PacePushes(FakePushPaces(), FakePushEnds(), timedelta(hours=1), clock)
    return Advance(store, pushes, RecordedEvents(), clock), challenge, clock


async def test_who_wanted_to_cancel_finds_it_approved():
    advance, challenge, _ = await contested((Status.APPROVED, None))
    with pytest.raises(ChallengeClosed) as closed:
        await advance(challenge, Event.PERSON_CANCELS)
    assert closed.value.members["challenge_status"] == "approved"


async def test_who_wanted_to_approve_finds_it_approved_and_is_content():
    advance, challenge, _ = await contested((Status.APPROVED, None))
    assert (await advance(challenge, Event.PROVIDER_APPROVES)).status is Status.APPROVED


async def test_who_wanted_to_write_down_the_end_finds_an_approval_that_was_faster_and_leaves_it():
    later = START.replace(minute=9)
    advance, challenge, clock = await contested((Status.APPROVED, later))
    clock.now = challenge.expires_at
    assert (await advance.settled(challenge)).status is Status.APPROVED
    assert advance.challenges.announced == []


async def test_who_wanted_to_consume_finds_it_consumed_and_gets_the_winners_text():
    advance, challenge, _ = await contested((Status.CONSUMED, None), status=Status.APPROVED)
    advance.challenges.stored[challenge.login, challenge.id] = replace(challenge, receipt="the winner's")
    consumed = await advance(challenge, Event.CONSUME, receipt=lambda _: "the loser's")
    assert (consumed.status, consumed.receipt) == (Status.CONSUMED, "the winner's")


async def test_an_approval_that_arrives_at_the_last_moment_expires_instead():
    advance, challenge, clock = await contested()
    clock.now = challenge.expires_at
    with pytest.raises(ChallengeClosed) as closed:
        await advance(challenge, Event.PROVIDER_APPROVES)
    assert closed.value.status == "expired"


async def test_a_store_that_never_agrees_is_not_asked_for_ever():
    advance, challenge, _ = await contested(*[(Status.PHONE_MISSING, None)] * 50)
    with pytest.raises(Conflict):
        await advance(challenge, Event.PERSON_CANCELS)


async def test_what_vanished_meanwhile_is_unknown():
    advance, challenge, _ = await contested()
    advance.challenges.stored.clear()
    with pytest.raises(ChallengeUnknown):
        await advance(challenge, Event.PERSON_CANCELS)
