"""Who has the password asks the phone until its owner gives in: the phone falls silent first."""

import pytest

from services.twofactor.model.channel import Unavailable
from services.twofactor.model.errors import ChannelUnavailable
from tests.fakes.twofactor_world import TwoFactor


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


async def test_each_person_and_each_channel_is_counted_alone():
    world = TwoFactor(sendings_per_hour=3)
    victim, other = await world.person(), await world.person()
    for _ in range(3):
        await world.open(world.partial(victim.subject))
    await world.open(world.partial(victim.subject), "sms")
    await world.open(world.partial(victim.subject), "voice")
    await world.open(world.partial(other.subject))
