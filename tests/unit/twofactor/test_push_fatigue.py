"""Who has the password asks the phone until its owner gives in: the phone falls silent first."""

import asyncio
from contextlib import suppress

import pytest

from services.twofactor.model.challenge import Status
from services.twofactor.model.channel import Unavailable
from services.twofactor.model.errors import ChallengePending, ChannelUnavailable, ProviderUnavailable
from services.twofactor.model.factor import Phone
from tests.fakes.twofactor_world import PHONE, TwoFactor


async def run_out(world, partial):
    """A push of a new login that nobody answers."""
    challenge = await world.open(world.partial(partial.subject))
    world.clock.advance(seconds=120)
    return challenge


async def refusal(world, partial):
    with pytest.raises(ChannelUnavailable) as refused:
        await world.open(world.partial(partial.subject))
    return refused.value.reason, refused.value.retry_after


async def test_one_push_per_person_whoever_asks_for_it():
    world = TwoFactor()
    victim = await world.person()
    await world.open(world.partial(victim.subject))
    world.clock.advance(seconds=30)
    assert await refusal(world, victim) == (Unavailable.PUSH_OPEN, 90)
    assert len(world.provider.pushes) == 1


async def test_of_many_that_ask_at_once_one_gets_through():
    world = TwoFactor()
    victim = await world.person()
    opened = [world.open(world.partial(victim.subject)) for _ in range(30)]
    outcomes = await asyncio.gather(*opened, return_exceptions=True)
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert len(world.provider.pushes) == 1


async def test_in_the_same_login_it_is_the_open_challenge_that_is_named():
    world = TwoFactor()
    victim = await world.person()
    challenge = await world.open(victim)
    with pytest.raises(ChallengePending) as refused:
        await world.open(victim)
    assert refused.value.members == {"challenge_id": challenge.id}


async def test_three_that_nobody_answers_and_the_phone_is_silent():
    world = TwoFactor()
    victim = await world.person()
    for rest in (10, 60):
        await run_out(world, victim)
        assert await refusal(world, victim) == (Unavailable.PUSH_RESTING, rest)
        world.clock.advance(seconds=rest)
    await run_out(world, victim)
    assert await refusal(world, victim) == (Unavailable.PUSH_PAUSED, 3600)
    assert len(world.provider.pushes) == 3
    world.clock.advance(seconds=3600)
    await run_out(world, victim)
    assert await refusal(world, victim) == (Unavailable.PUSH_PAUSED, 7200)


async def test_refusals_during_a_rest_cost_a_login_none_of_its_challenges():
    world = TwoFactor(challenges_per_login=1)
    victim = await world.person()
    await run_out(world, victim)
    mine = world.partial(victim.subject)
    for _ in range(5):
        with pytest.raises(ChannelUnavailable):
            await world.open(mine)
    world.clock.advance(seconds=10)
    assert await world.open(mine)


async def test_codes_are_what_remains():
    world = TwoFactor()
    victim = await world.person()
    for rest in (10, 60, 0):
        await run_out(world, victim)
        world.clock.advance(seconds=rest)
    factors = {factor["channel"]: factor for factor in await world.factors(victim.subject)}
    assert (factors["push"]["available"], factors["push"]["reason"]) == (False, "push_paused")
    assert factors["push"]["retry_after"] == 3600
    assert {channel for channel, factor in factors.items() if factor["available"]} == {"app", "sms", "voice"}
    assert factors["app"]["preferred"]
    assert (await world.open(world.partial(victim.subject), "app")).channel == "app"


async def test_an_approval_forgets_what_came_to_nothing():
    world = TwoFactor()
    victim = await world.person()
    for rest in (10, 60):
        await run_out(world, victim)
        world.clock.advance(seconds=rest)
    await world.approve(await world.open(world.partial(victim.subject)))
    assert (await world.open(world.partial(victim.subject))).status is Status.PHONE_MISSING


async def test_half_an_approval_forgets_nothing():
    world = TwoFactor(push_binding="prompt")
    victim = await world.person()
    challenge = await world.open(victim)
    await world.approve(challenge)
    world.clock.advance(seconds=120)
    assert await refusal(world, victim) == (Unavailable.PUSH_RESTING, 10)


async def test_taking_requests_back_is_no_way_around():
    world = TwoFactor()
    victim = await world.person()
    sent = 0
    for _ in range(60):
        mine = world.partial(victim.subject)
        with suppress(ChannelUnavailable):
            await world.cancel(mine, await world.open(mine))
            sent += 1
        world.clock.advance(seconds=60)
    assert sent <= 10


async def test_a_request_that_the_vendor_never_took_is_not_held_against_the_person():
    world = TwoFactor()
    victim = await world.person()
    world.provider.fail("push", ProviderUnavailable(), times=8)
    for _ in range(8):
        with pytest.raises(ProviderUnavailable):
            await world.open(world.partial(victim.subject))
    assert (await world.open(world.partial(victim.subject))).reference


async def test_an_approval_that_comes_for_an_old_push_forgets_nothing():
    world = TwoFactor()
    victim = await world.person()
    old = await run_out(world, victim)
    world.clock.advance(seconds=10)
    await world.open(world.partial(victim.subject))
    await world.approve(old)
    assert (await refusal(world, victim))[0] is Unavailable.PUSH_OPEN


async def test_whatever_they_come_to_a_phone_is_asked_so_often_in_an_hour_and_no_more():
    world = TwoFactor(sendings_per_hour=5)
    victim = await world.person()
    for _ in range(5):
        await world.approve(await world.open(world.partial(victim.subject)))
    with pytest.raises(ChannelUnavailable) as refused:
        await world.open(world.partial(victim.subject))
    assert refused.value.reason is Unavailable.LIMIT_REACHED
    assert len(world.provider.pushes) == 5


async def test_a_stranger_s_phone_is_not_bombed_from_many_fresh_accounts():
    world = TwoFactor(texts_per_phone=10)
    sent = 0
    for _ in range(12):
        try:
            await world.open(await world.person(PHONE), "sms")
            sent += 1
        except ChannelUnavailable:
            pass
    assert sent == 5


async def test_strangers_who_enrol_my_phone_do_not_silence_it_for_me():
    world = TwoFactor(sendings_per_hour=3)
    mine = await world.person(PHONE)
    await world.approve(await world.open(mine))
    await world.receipt(mine)
    for _ in range(4):
        with suppress(ChannelUnavailable):
            await world.open(await world.person(PHONE))
    assert (await world.open(world.partial(mine.subject))).reference


async def test_each_person_and_each_channel_is_counted_alone():
    world = TwoFactor(sendings_per_hour=3)
    victim, other = await world.person(), await world.person(Phone(44, "7700900124"))
    for _ in range(3):
        await world.approve(await world.open(world.partial(victim.subject)))
    await world.open(world.partial(victim.subject), "sms")
    await world.open(world.partial(victim.subject), "voice")
    await world.open(world.partial(other.subject))
