"""Looking at a challenge."""

from dataclasses import replace

import pytest

from services.twofactor.model.challenge import Status
from services.twofactor.model.errors import ChallengeClosed, ChallengeUnknown
from tests.fakes.twofactor_world import TwoFactor


async def asked(channel="push"):
    world = TwoFactor()
    partial = await world.person()
    return world, partial, await world.open(partial, channel)


async def test_who_looks_after_the_end_sees_it_expired_and_everybody_is_told_once():
    world, partial, challenge = await asked()
    world.clock.advance(seconds=119.999)
    assert (await world.show(partial, challenge)).status is Status.PHONE_MISSING
    world.clock.advance(seconds=0.001)
    for _ in range(2):
        expired = await world.show(partial, challenge)
        assert (expired.status, expired.reason) == (Status.EXPIRED, "not_answered")
    assert world.challenges.announced == [(challenge.id, "expired", "not_answered")]


async def test_who_looks_at_an_approval_nobody_used_sees_it_expired():
    world, partial, challenge = await asked()
    await world.approve(challenge)
    world.clock.advance(seconds=60)
    assert (await world.show(partial, challenge)).reason == "not_used"


async def test_a_code_after_the_end_is_too_late_and_asks_nobody():
    world, partial, challenge = await asked("sms")
    world.clock.advance(seconds=120)
    with pytest.raises(ChallengeClosed) as closed:
        await world.answer(partial, challenge, world.provider.last_code(challenge.account))
    assert closed.value.members == {"challenge_status": "expired", "reason": "not_answered"}
    assert "require_code" not in world.provider.calls


async def test_cancel_after_the_end_is_too_late():
    world, partial, challenge = await asked()
    world.clock.advance(seconds=120)
    with pytest.raises(ChallengeClosed):
        await world.cancel(partial, challenge)


@pytest.mark.parametrize("fact", ["id", "subject", "login"])
async def test_only_the_token_that_opened_it_may_look(fact):
    world, partial, challenge = await asked()
    other = replace(partial, **{fact: world.new_id()})
    for look in (
        world.show(other, challenge),
        world.cancel(other, challenge),
        world.answer(other, challenge, "1234567"),
    ):
        with pytest.raises(ChallengeUnknown):
            await look
    assert (await world.show(partial, challenge)).status is Status.PHONE_MISSING
