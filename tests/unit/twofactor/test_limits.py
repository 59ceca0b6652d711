"""Limits, by the attack that each of them stops."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from chassis.limits import Away
from services.twofactor.api import callbacks, challenges, factors
from services.twofactor.flows.choose_factor import Choice
from services.twofactor.flows.receive_callback import Letter
from services.twofactor.model.challenge import Status
from services.twofactor.model.channel import Channel, Unavailable
from services.twofactor.model.errors import (
    ChannelUnavailable,
    CountryNotServed,
    ForgedCallback,
    TooManyAttempts,
    TooManyCodes,
    WrongCode,
)
from services.twofactor.model.factor import Phone, calling_code
from services.twofactor.model.limits import Amounts, limits
from services.twofactor.phones import parse_phone, parse_regions
from services.twofactor.settings import Settings
from tests.fakes.twofactor_world import CONTEXT, TwoFactor

LIMITS = limits(Amounts.of(Settings.model_construct()))


def app_code(world: TwoFactor) -> str:
    return world.provider.app_token(next(iter(world.provider.phones)))


def phone(number: int, country: int = 44) -> Phone:
    return Phone(country, f"77009{number:05d}")


async def text(world: TwoFactor, number: int, country: int = 44) -> bool:
    """Whether a text goes out to a phone that somebody has just enrolled."""
    partial = await world.person(phone(number, country))
    try:
        await world.open(partial, "sms")
    except ChannelUnavailable as refused:
        assert refused.reason is Unavailable.LIMIT_REACHED
        return False
    return True


async def test_pumping_texts_to_many_phones_of_one_country_ends_at_its_cap():
    world = TwoFactor(texts_per_country=20)
    assert [await text(world, number) for number in range(30)].count(True) == 20
    assert await text(world, 99, country=49), "another country goes on"
    assert "text_country" in world.limiter.reached


async def test_pumping_to_many_countries_ends_at_the_cap_of_all():
    world = TwoFactor(texts=10)
    assert [await text(world, number, 30 + number) for number in range(15)].count(True) == 10


async def test_strangers_who_pump_leave_the_owners_of_phones_their_texts():
    world = TwoFactor(texts_per_country=5, texts=5)
    owner = await world.person(phone(1))
    await world.approve(await world.open(owner))
    await world.receipt(owner)
    for number in range(10, 20):
        await text(world, number)
    assert await world.open(world.partial(owner.subject), "sms")


async def test_calls_have_caps_of_their_own():
    world = TwoFactor(texts_per_country=3)
    for number in range(5):
        await text(world, number)
    assert (await world.open(await world.person(phone(77)), "voice")).channel is Channel.VOICE


async def test_what_is_refused_says_when_it_goes_on_and_what_else_there_is():
    world = TwoFactor(texts_per_phone=2)
    partial = await world.person()
    await world.open(partial, "sms")
    with pytest.raises(ChannelUnavailable) as refused:
        await world.open(world.partial(partial.subject), "sms")
    assert 3600 <= (refused.value.retry_after or 0) <= 3750
    assert refused.value.members["factors"]


async def test_a_text_that_the_vendor_held_back_costs_nothing():
    world = TwoFactor(texts_per_country=2)
    partial = await world.person()
    world.provider.hold_texts_back()
    for _ in range(5):
        login = world.partial(partial.subject)
        await world.cancel(login, await world.open(login, "sms"))


async def test_stolen_passwords_do_not_ring_every_phone_at_once():
    world = TwoFactor(challenges_network=12)
    victims = [await world.person(phone(number)) for number in range(12)]
    for victim in victims:
        await world.approve(await world.open(victim))
    another = world.partial(victims[0].subject)
    with pytest.raises(TooManyAttempts):
        await world.open(another)
    elsewhere = replace(CONTEXT, address="198.51.100.1")
    assert await world.app[challenges.OPEN](another, Choice(channel=Channel.PUSH), elsewhere)


async def test_who_has_only_the_password_uses_up_no_challenge_of_the_owner_s_devices():
    """An attacker begins logins until nothing is left: whoever comes on a device that the account knows goes on."""
    world = TwoFactor()
    owner = (await world.person()).subject
    for _ in range(60):
        attacker = world.partial(owner)
        await world.cancel(attacker, await world.open(attacker, "app"))
    with pytest.raises(TooManyAttempts):
        await world.open(world.partial(owner), "app")
    mine = world.partial(owner, device="laptop")
    assert (await world.answer(mine, await world.open(mine, "app"), app_code(world))).status is Status.APPROVED


async def test_who_has_only_the_password_guesses_away_no_code_of_the_owner_s_devices():
    """With pushes paused and codes used up, the owner would be out: by nothing but the password."""
    world = TwoFactor()
    owner = (await world.person()).subject
    for _ in range(10):
        attacker = world.partial(owner)
        challenge = await world.open(attacker, "app")
        for _ in range(5):
            with pytest.raises(WrongCode):
                await world.answer(attacker, challenge, "0000000")
    another = world.partial(owner)
    challenge = await world.open(another, "app")
    with pytest.raises(TooManyCodes):
        await world.answer(another, challenge, app_code(world))
    mine = world.partial(owner, device="laptop")
    assert (await world.answer(mine, await world.open(mine, "app"), app_code(world))).status is Status.APPROVED


async def test_who_has_only_the_password_spends_no_text_of_the_owner_s_devices():
    world = TwoFactor(texts_per_phone=4)
    first = await world.person()
    await world.answer(first, await world.open(first, "app"), app_code(world))
    await world.receipt(first)
    owner = first.subject
    for _ in range(2):
        attacker = world.partial(owner)
        await world.cancel(attacker, await world.open(attacker, "sms"))
    with pytest.raises(ChannelUnavailable):
        await world.open(world.partial(owner), "sms")
    assert await world.open(world.partial(owner, device="laptop"), "sms")


async def test_a_stolen_device_asks_no_more_often_and_stands_in_nobody_s_way():
    world = TwoFactor()
    owner = (await world.person()).subject
    for _ in range(60):
        thief = world.partial(owner, device="stolen")
        await world.cancel(thief, await world.open(thief, "app"))
    with pytest.raises(TooManyAttempts):
        await world.open(world.partial(owner, device="stolen"), "app")
    assert await world.open(world.partial(owner, device="another"), "app")
    assert await world.open(world.partial(owner), "app")


async def test_one_network_is_one_however_its_address_is_written():
    world = TwoFactor(challenges_network=2)
    for address in ("::ffff:203.0.113.7", "203.0.113.7"):
        await world.app[challenges.OPEN](
            await world.person(phone(len(address))), Choice(channel=Channel.PUSH), replace(CONTEXT, address=address)
        )
    with pytest.raises(TooManyAttempts):
        await world.open(await world.person(phone(3)))


async def test_a_vendor_is_not_asked_about_numbers_without_end():
    world = TwoFactor()
    partial = world.partial()
    for number in range(10):
        await world.app[factors.ENROL_PHONE](partial, phone(number), CONTEXT)
        world.enrolments.rows.clear()
    with pytest.raises(TooManyAttempts):
        await world.app[factors.ENROL_PHONE](partial, phone(11), CONTEXT)


async def test_a_flood_of_forged_callbacks_fills_no_log_and_keeps_no_genuine_one_out():
    world = TwoFactor()
    challenge = await world.open(await world.person())
    forged = Letter("POST", {}, b"nonsense")
    with capture_logs() as logs:
        for _ in range(60):
            with pytest.raises(ForgedCallback):
                await world.app[callbacks.RECEIVE](forged, CONTEXT)
        for _ in range(40):
            with pytest.raises(TooManyAttempts):
                await world.app[callbacks.RECEIVE](forged, CONTEXT)
    assert [line["event"] for line in logs].count("callback_forged") == 60
    await world.approve(challenge)


async def test_a_country_that_is_not_served_is_refused_and_gets_no_text():
    assert parse_phone("44", "7400 123456", parse_regions("gb, de"))
    with pytest.raises(CountryNotServed):
        parse_phone("44", "7400 123456", parse_regions("DE"))
    with pytest.raises(CountryNotServed):
        parse_phone("1", "876 210 1234", parse_regions("US"))
    jersey = ("44", "7797 712345")
    with pytest.raises(CountryNotServed):
        parse_phone(*jersey, parse_regions("GB"))
    assert parse_phone(*jersey, parse_regions("GB,JE"))
    with pytest.raises(ValueError, match="XX"):
        parse_regions("GB,XX")
    world = TwoFactor(countries="DE")
    with pytest.raises(ChannelUnavailable) as refused:
        await world.open(await world.person(), "sms")
    assert refused.value.reason is Unavailable.NUMBER_UNSUITABLE
    assert await world.open(await world.person(), "push"), "a push costs nothing"


async def test_while_nothing_can_be_counted_nothing_is_sent_and_no_code_is_looked_at():
    world = TwoFactor()
    partial = await world.person()
    challenge = await world.open(partial, "sms")
    world.limiter.broken = ConnectionError("away")
    for attempt in (world.open(world.partial(partial.subject)), world.answer(partial, challenge, "0000000")):
        with pytest.raises(ConnectionError):
            await attempt
    assert len(world.provider.sent) == 1
    with pytest.raises(ForgedCallback):
        await world.app[callbacks.RECEIVE](Letter("POST", {}, b"nonsense"), CONTEXT)


def test_a_calling_code_is_read_off_a_masked_number_only():
    assert calling_code(phone(1, 353).masked) == 353
    assert [calling_code(name) for name in ("Authenticator app", "", "+ 44", "+0 ... 12")] == [None] * 4


def test_every_limit_stands_under_its_own_name_with_its_reasons():
    for limit in LIMITS:
        assert getattr(LIMITS, limit.name) is limit
        assert limit.of
        assert limit.reason
        assert limit.away_reason
    assert {limit.name for limit in LIMITS if limit.away is Away.ALLOW} == {"callback_network"}
    assert all(limit.alarm for limit in LIMITS if limit.name.endswith(("_country", "_everybody")))
