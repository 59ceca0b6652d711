"""Enrolling, listing and removing phones."""

import asyncio
from dataclasses import replace

import pytest

from services.twofactor.api.factors import LIST
from services.twofactor.flows.ask_states import AskStates
from services.twofactor.flows.kinds import Kinds
from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import (
    AccountUnknown,
    EmailUnknown,
    FactorUnknown,
    LastFactor,
    NotAuthenticated,
    PhoneRefused,
    ProviderUnavailable,
    SessionRequired,
    StaleSession,
)
from services.twofactor.model.factor import Phone
from tests.fakes.twofactor_world import PHONE, TwoFactor

OTHER = Phone(44, "7700900456")


async def test_one_phone_shows_as_four_ways_best_first():
    world = TwoFactor()
    partial = await world.person()
    enrolment = await world.enrolment(partial.subject)
    factors = await world.factors(partial.subject)
    assert factors[0] == {
        "id": f"push-{enrolment.id}",
        "type": "oob",
        "channel": "push",
        "name": "+44 ... 23",
        "preferred": True,
        "provider": "authy",
        "available": True,
    }
    assert [f["channel"] for f in factors] == ["push", "app", "sms", "voice"]


async def test_without_the_app_the_text_is_offered_and_the_reason_told():
    world = TwoFactor()
    partial = await world.person()
    world.provider.set_app((await world.enrolment(partial.subject)).account, registered=False)
    factors = {f["channel"]: f for f in await world.factors(partial.subject)}
    assert (factors["push"]["available"], factors["push"]["reason"]) == (False, "app_not_registered")
    assert factors["sms"]["preferred"] is True


async def test_while_the_vendor_is_away_listing_answers_and_says_unknown():
    world = TwoFactor()
    partial = await world.person()
    world.provider.fail("channels", ProviderUnavailable())
    factors = await world.factors(partial.subject)
    assert {(f["available"], f["reason"]) for f in factors} == {(True, "unknown")}
    await world.factors(partial.subject)
    assert world.provider.calls.count("channels") == 1, "the next login does not wait for it again"
    world.provider.mend("channels")
    world.clock.advance(seconds=5)
    assert "reason" not in (await world.factors(partial.subject))[0]


async def test_a_slow_vendor_does_not_hold_up_the_list():
    world = TwoFactor()
    partial = await world.person()
    world.provider.hold("channels")
    phones = replace(world.kinds.known[0], asking=AskStates(world.provider, world.cache, patience=0.01))
    listing = replace(world.app[LIST], kinds=Kinds((phones,), world.kinds.gone))
    assert {factor.reason for factor in await listing(partial)} == {"unknown"}


@pytest.mark.parametrize("is_silent", [False, True])
async def test_a_way_whose_calls_are_not_made_is_not_offered_whatever_the_vendor_said_seconds_ago(is_silent: bool):
    world = TwoFactor()
    partial = await world.person()
    if is_silent:
        world.provider.fail("channels", ProviderUnavailable())
    held: dict[Channel, int] = {}
    asking = AskStates(world.provider, world.cache, held=lambda: held)
    phones = replace(world.kinds.known[0], asking=asking)
    listing = replace(world.app[LIST], kinds=Kinds((phones,), world.kinds.gone))
    assert {factor.available for factor in await listing(partial)} == {True}
    held[Channel.PUSH] = 5
    found = {factor.channel: (factor.available, factor.reason) for factor in await listing(partial)}
    assert found.pop(Channel.PUSH) == (False, "provider_away")
    assert {available for available, _ in found.values()} == {True}
    held.clear()
    assert {factor.available for factor in await listing(partial)} == {True}


async def test_a_login_that_was_voided_is_told_nothing_and_asks_no_vendor():
    world = TwoFactor()
    partial = await world.person()
    await world.logins.void(partial.subject, world.clock())
    with pytest.raises(NotAuthenticated):
        await world.app[LIST](partial)
    assert "channels" not in world.provider.calls
    world.clock.advance(seconds=1)
    assert await world.factors(partial.subject)


async def test_the_vendors_word_is_kept_for_seconds():
    world = TwoFactor()
    partial = await world.person()
    await world.factors(partial.subject)
    world.clock.advance(seconds=14)
    await world.factors(partial.subject)
    assert world.provider.calls.count("channels") == 1
    world.clock.advance(seconds=1)
    await world.factors(partial.subject)
    assert world.provider.calls.count("channels") == 2


async def test_a_phone_the_vendor_lost_is_listed_so_that_it_can_be_removed():
    world = TwoFactor()
    partial = await world.person()
    world.provider.fail("channels", AccountUnknown())
    factors = await world.factors(partial.subject)
    assert {(f["available"], f["reason"], f["preferred"]) for f in factors} == {(False, "account_unknown", False)}


async def test_enrolling_twice_at_once_is_once():
    world = TwoFactor()
    partial = world.partial()
    outcomes = await asyncio.gather(*(world.enrol_first(partial) for _ in range(5)), return_exceptions=True)
    assert None in outcomes
    assert len(await world.enrolments.of_user(partial.subject)) == 1


async def test_two_phones_at_once_with_a_password_alone_are_one():
    world = TwoFactor()
    partial = world.partial()
    slow = world.provider.hold("enrol")
    tasks = [asyncio.create_task(world.enrol_first(partial, phone)) for phone in (PHONE, OTHER)]
    while world.provider.calls.count("enrol") < 2:
        await asyncio.sleep(0)
    slow.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(outcome, SessionRequired) for outcome in outcomes) == 1
    assert len(await world.enrolments.of_user(partial.subject)) == 1


async def test_a_stolen_password_cannot_add_its_own_phone():
    world = TwoFactor()
    partial = await world.person()
    calls = len(world.provider.calls)
    with pytest.raises(SessionRequired):
        await world.enrol_first(world.partial(partial.subject), OTHER)
    assert len(world.provider.calls) == calls, "nor find out which phone is enrolled"


async def test_a_fresh_session_adds_a_second_phone_under_the_same_address():
    world = TwoFactor()
    partial = await world.person()
    await world.enrol_another(world.session(partial.subject, age_seconds=299), OTHER)
    assert [e.name for e in await world.enrolments.of_user(partial.subject)] == ["+44 ... 23", "+44 ... 56"]
    factors = await world.factors(partial.subject)
    assert sum(f["preferred"] for f in factors) == 1
    assert len({f["id"] for f in factors}) == 8


@pytest.mark.parametrize("session", [{"age_seconds": 300}, {"acr": "aal1"}])
async def test_a_session_that_is_not_fresh_changes_nothing(session):
    world = TwoFactor()
    partial = await world.person()
    enrolment = await world.enrolment(partial.subject)
    with pytest.raises(StaleSession):
        await world.enrol_another(world.session(partial.subject, **session), OTHER)
    with pytest.raises(StaleSession):
        await world.remove(world.session(partial.subject, **session), f"push-{enrolment.id}")


async def test_a_removed_phone_is_gone_here_at_once_and_at_the_vendor():
    world = TwoFactor()
    partial = await world.person()
    enrolment = await world.enrolment(partial.subject)
    await world.enrol_another(world.session(partial.subject), OTHER)
    await world.remove(world.session(partial.subject), f"sms-{enrolment.id}")
    assert {factor["name"][-2:] for factor in await world.factors(partial.subject)} == {OTHER.number[-2:]}
    assert len(world.provider.phones) == 1


async def test_the_only_factor_cannot_be_removed_for_then_a_password_alone_could_enrol_another():
    world = TwoFactor()
    partial = await world.person()
    first = await world.enrolment(partial.subject)
    with pytest.raises(LastFactor):
        await world.remove(world.session(partial.subject), f"push-{first.id}")
    assert await world.factors(partial.subject)
    assert len(world.provider.phones) == 1
    await world.enrol_another(world.session(partial.subject), OTHER)
    await world.remove(world.session(partial.subject), f"push-{first.id}")
    with pytest.raises(LastFactor):
        await world.remove(world.session(partial.subject), f"push-{(await world.enrolment(partial.subject)).id}")


async def test_a_phone_that_two_people_share_stays_at_the_vendor_until_the_last():
    world = TwoFactor()
    one, two = await world.person(), await world.person()
    for person in (one, two):
        await world.enrol_another(world.session(person.subject), OTHER)
    await world.remove(world.session(one.subject), f"push-{(await world.enrolment(one.subject)).id}")
    assert len(world.provider.phones) == 2
    await world.remove(world.session(two.subject), f"push-{(await world.enrolment(two.subject)).id}")
    assert len(world.provider.phones) == 1


async def test_removing_succeeds_though_the_vendor_fails():
    world = TwoFactor()
    partial = await world.person()
    await world.enrol_another(world.session(partial.subject), OTHER)
    world.provider.fail("remove", ProviderUnavailable())
    gone = await world.enrolment(partial.subject)
    await world.remove(world.session(partial.subject), f"push-{gone.id}")
    assert (await world.enrolment(partial.subject)).id != gone.id


@pytest.mark.parametrize("factor_id", ["", "push", "push-x", "\x00", "push-00000000-0000-4000-8000-00000000dead"])
async def test_removing_what_is_not_there(factor_id):
    world = TwoFactor()
    partial = await world.person()
    with pytest.raises(FactorUnknown):
        await world.remove(world.session(partial.subject), factor_id)


async def test_removing_another_persons_phone_is_removing_nothing():
    world = TwoFactor()
    mine, theirs = await world.person(), await world.person(OTHER)
    with pytest.raises(FactorUnknown):
        await world.remove(world.session(mine.subject), f"push-{(await world.enrolment(theirs.subject)).id}")


async def test_without_any_phone_the_next_login_enrols_not_the_session():
    world = TwoFactor()
    partial = await world.person()
    await world.enrolments.remove_all(partial.subject)
    with pytest.raises(EmailUnknown):
        await world.enrol_another(world.session(partial.subject), OTHER)
    await world.enrol_first(world.partial(partial.subject), OTHER)


async def test_a_number_the_vendor_refuses_is_not_enrolled():
    world = TwoFactor()
    partial = world.partial()
    world.provider.fail("enrol", PhoneRefused(), times=1)
    with pytest.raises(PhoneRefused):
        await world.enrol_first(partial)
    assert await world.factors(partial.subject) == []
    await world.enrol_first(partial)


async def test_switched_off_channels_are_not_preferred():
    world = TwoFactor()
    partial = await world.person()
    for channel in (Channel.PUSH, Channel.APP):
        world.provider.switch_off(channel)
    assert [f["channel"] for f in await world.factors(partial.subject) if f["preferred"]] == ["sms"]
