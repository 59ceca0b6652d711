"""Callbacks that never come."""

from dataclasses import replace
from itertools import pairwise

import pytest

from services.twofactor.model.challenge import Status
from services.twofactor.model.channel import Channel, Unavailable
from services.twofactor.model.errors import ChannelUnavailable, ProviderUnavailable
from services.twofactor.model.provider import PushStatus
from tests.fakes.twofactor_world import TwoFactor


async def asked(channel="push", **settings):
    world = TwoFactor(**settings)
    partial = await world.person()
    return world, partial, await world.open(partial, channel)


async def look(world, partial, challenge):
    shown = await world.show(partial, challenge)
    await world.background.run()
    return shown


async def test_a_lost_callback_is_made_good_while_someone_waits():
    world, partial, challenge = await asked()
    world.provider.approve(challenge.reference)
    world.clock.advance(seconds=5)
    assert (await look(world, partial, challenge)).status is Status.PHONE_MISSING, (
        "the answer does not wait for the vendor"
    )
    assert (await look(world, partial, challenge)).status is Status.APPROVED
    assert world.challenges.announced[-1][1] == "approved"


async def test_a_lost_no_is_made_good_too():
    world, partial, challenge = await asked()
    world.provider.deny(challenge.reference)
    world.clock.advance(seconds=5)
    await look(world, partial, challenge)
    assert (await world.show(partial, challenge)).status is Status.DENIED


async def test_nobody_is_asked_in_the_first_seconds():
    world, partial, challenge = await asked()
    world.clock.advance(seconds=3.9)
    await look(world, partial, challenge)
    assert "read_push" not in world.provider.calls


async def test_the_vendor_is_asked_less_and_less_however_often_we_are():
    world, partial, challenge = await asked(challenge_ttl=300)
    asked_at = []
    for second in range(1, 250):
        world.clock.advance(seconds=1)
        before = world.provider.calls.count("read_push")
        await look(world, partial, challenge)
        if world.provider.calls.count("read_push") > before:
            asked_at.append(second)
    pauses = [b - a for a, b in pairwise(asked_at)]
    assert asked_at[0] == 4
    assert pauses[0] == 3
    assert pauses == sorted(pauses)
    assert max(pauses) == 15


@pytest.mark.parametrize(
    "trouble", [ProviderUnavailable(), ChannelUnavailable(Channel.PUSH, Unavailable.NOT_DELIVERED)]
)
async def test_a_vendor_in_trouble_disturbs_nobody_who_waits(trouble):
    world, partial, challenge = await asked()
    world.provider.fail("read_push", trouble, times=1)
    world.provider.approve(challenge.reference)
    world.clock.advance(seconds=5)
    await look(world, partial, challenge)
    assert (await look(world, partial, challenge)).status is Status.PHONE_MISSING
    world.clock.advance(seconds=4)
    await look(world, partial, challenge)
    assert (await world.show(partial, challenge)).status is Status.APPROVED


async def test_an_approval_read_back_after_the_end_does_not_count():
    world, partial, challenge = await asked()
    world.clock.advance(seconds=100)
    await world.show(partial, challenge)
    world.provider.approve(challenge.reference)
    world.clock.advance(seconds=20)
    await world.background.run()
    assert (await world.show(partial, challenge)).status is Status.EXPIRED


@pytest.mark.parametrize("channel", ["app", "sms", "voice"])
async def test_only_a_push_is_read_back(channel):
    world, partial, challenge = await asked(channel)
    world.clock.advance(seconds=30)
    await look(world, partial, challenge)
    assert "read_push" not in world.provider.calls


async def test_what_is_decided_is_not_read_back():
    world, partial, challenge = await asked()
    await world.approve(challenge)
    world.clock.advance(seconds=30)
    await look(world, partial, challenge)
    assert "read_push" not in world.provider.calls


async def test_an_answer_read_back_from_another_account_approves_nothing():
    world, partial, challenge = await asked()
    push = world.provider.pushes[challenge.reference]
    world.provider.pushes[challenge.reference] = replace(push, account="4711", status=PushStatus.APPROVED)
    world.clock.advance(seconds=5)
    await look(world, partial, challenge)
    assert (await world.show(partial, challenge)).status is Status.PHONE_MISSING
