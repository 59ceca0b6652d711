"""Recovery codes: made, used up, made anew."""

import asyncio
import re

import pytest

from services.twofactor.model.challenge import Status
from services.twofactor.model.errors import (
    ChannelUnavailable,
    CodeMalformed,
    EmailUnknown,
    FactorUnknown,
    StaleSession,
    WrongCode,
)
from services.twofactor.model.events import What
from services.twofactor.model.recovery import digest, grouped, read_recovery_code, spelled
from tests.fakes.twofactor_world import TwoFactor


async def with_codes():
    world = TwoFactor()
    partial = await world.person()
    return world, partial, list(await world.recovery_codes(world.session(partial.subject)))


async def use(world, user, code):
    login = world.partial(user)
    return await world.answer(login, await world.open(login, "recovery"), code)


def listed(factors):
    return {f["channel"]: f for f in factors}["recovery"]


async def test_ten_codes_that_differ_and_are_kept_nowhere():
    world, partial, codes = await with_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)
    kept = {row for rows in world.own.codes.rows.values() for row in rows}
    assert len(kept) == 10
    assert not any(code.replace("-", "").encode() in row for code in codes for row in kept)
    shown = listed(await world.factors(partial.subject))
    assert (shown["type"], shown["left"], shown["available"], shown["preferred"]) == ("recovery-code", 10, True, False)


async def test_a_code_signs_in_and_is_told_as_such():
    world, partial, codes = await with_codes()
    login = world.partial(partial.subject)
    await world.answer(login, await world.open(login, "recovery"), codes[3])
    (event,) = [event for event in world.events.all if event.what is What.RECOVERY_CODE_USED]
    assert (event.user, event.reason) == (partial.subject, "9 left")
    assert codes[3] not in str(world.events.all)
    assert codes[3].replace("-", "") not in str(world.events.all)
    assert (await world.receipt(login)).text
    assert world.signer.signed[-1].amr == ("pwd", "recovery", "mfa")
    shown = listed(await world.factors(partial.subject))
    assert shown["left"] == 9
    assert not shown["preferred"], "it was used last, and is a last resort all the same"


async def test_each_is_good_once():
    world, partial, codes = await with_codes()
    await use(world, partial.subject, codes[0])
    with pytest.raises(WrongCode):
        await use(world, partial.subject, codes[0])
    assert (await use(world, partial.subject, codes[1])).status is Status.APPROVED


async def test_of_many_that_show_one_code_at_once_one_gets_in():
    world, partial, codes = await with_codes()
    outcomes = await asyncio.gather(*(use(world, partial.subject, codes[0]) for _ in range(8)), return_exceptions=True)
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert listed(await world.factors(partial.subject))["left"] == 9


async def test_it_works_however_it_is_written():
    world, partial, codes = await with_codes()
    await use(world, partial.subject, codes[0].replace("-", " ").lower())
    await use(world, partial.subject, codes[1].replace("-", "").replace("0", "O").replace("1", "l"))


@pytest.mark.parametrize("typed", ["", "A" * 23, "A" * 25, "U" * 24, "Ａ" * 24, "ſ" * 24, "\x00" * 24, "A" * 24 + "\n"])
async def test_what_is_no_code_is_not_counted(typed):
    world, partial, _codes = await with_codes()
    login = world.partial(partial.subject)
    challenge = await world.open(login, "recovery")
    with pytest.raises(CodeMalformed):
        await world.answer(login, challenge, typed)
    assert (await world.show(login, challenge)).tries_left == challenge.tries_left


async def test_another_persons_codes_open_nothing():
    world, partial, _codes = await with_codes()
    other = await world.person()
    theirs = await world.recovery_codes(world.session(other.subject))
    with pytest.raises(WrongCode):
        await use(world, partial.subject, theirs[0])
    assert listed(await world.factors(other.subject))["left"] == 10


async def test_new_ones_make_the_old_ones_worthless():
    world, partial, old = await with_codes()
    new = await world.recovery_codes(world.session(partial.subject))
    assert listed(await world.factors(partial.subject))["left"] == 10
    with pytest.raises(WrongCode):
        await use(world, partial.subject, old[0])
    await use(world, partial.subject, new[0])


async def test_whoever_has_used_all_is_told_and_offered_something_else():
    world, partial, codes = await with_codes()
    for code in codes:
        await use(world, partial.subject, code)
    shown = listed(await world.factors(partial.subject))
    assert (shown["available"], shown["reason"], shown["left"]) == (False, "none_left", 0)
    with pytest.raises(ChannelUnavailable) as none_left:
        await world.open(world.partial(partial.subject), "recovery")
    assert {f["channel"] for f in none_left.value.members["factors"]} == {"push", "app", "sms", "voice"}


async def test_it_is_preferred_only_where_nothing_else_works():
    world, partial, _codes = await with_codes()
    phone = await world.enrolment(partial.subject)
    await world.remove(world.session(partial.subject), f"push-{phone.id}")
    (only,) = await world.factors(partial.subject)
    assert (only["channel"], only["preferred"]) == ("recovery", True)


@pytest.mark.parametrize("session", [{"age_seconds": 300}, {"acr": "aal1"}])
async def test_a_stolen_session_makes_no_codes(session):
    world, partial, codes = await with_codes()
    with pytest.raises(StaleSession):
        await world.recovery_codes(world.session(partial.subject, **session))
    await use(world, partial.subject, codes[0])


async def test_without_any_factor_there_are_no_codes():
    world = TwoFactor()
    with pytest.raises(EmailUnknown):
        await world.recovery_codes(world.session(world.new_id()))
    with pytest.raises(FactorUnknown):
        await world.open(await world.person(), "recovery")


def test_the_digest_belongs_to_its_row():
    code = spelled(2**120 - 1)
    assert read_recovery_code(grouped(code)) == code == "Z" * 24
    assert digest("one", code) != digest("two", code)
    assert len(digest("one", code)) == 32
