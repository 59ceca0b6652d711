"""Who has the password asks the phone until its owner gives in: the phone falls silent first."""

from contextlib import suppress

import pytest

from services.twofactor.model.channel import Unavailable
from services.twofactor.model.errors import ChannelUnavailable
from services.twofactor.model.factor import Phone
from tests.fakes.twofactor_world import PHONE, TwoFactor


async def test_a_phone_is_not_asked_without_end_however_many_logins_are_begun():
    world = TwoFactor(sendings_per_hour=5)
    victim = await world.person()
    for _ in range(5):
        await world.open(world.partial(victim.subject))
    with pytest.raises(ChannelUnavailable) as refused:
        await world.open(world.partial(victim.subject))
    assert refused.value.reason is Unavailable.LIMIT_REACHED
    assert len(world.provider.pushes) == 5


async def test_the_owner_still_gets_in_with_a_code_from_the_app():
    world = TwoFactor(sendings_per_hour=3)
    victim = await world.person()
    for _ in range(3):
        await world.open(world.partial(victim.subject))
    mine = world.partial(victim.subject)
    with pytest.raises(ChannelUnavailable):
        await world.open(mine, "push")
    assert (await world.open(mine, "app")).channel == "app"


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
        await world.open(world.partial(victim.subject))
    await world.open(world.partial(victim.subject), "sms")
    await world.open(world.partial(victim.subject), "voice")
    await world.open(world.partial(other.subject))
