"""Authenticator apps: enrolling one, signing in with it, and what does not work."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from services.twofactor.crypto.totp import PyotpTotp, base32
from services.twofactor.model.challenge import Status
from services.twofactor.model.errors import (
    AccessDenied,
    ChannelUnavailable,
    CodeMalformed,
    FactorUnknown,
    ProviderUnavailable,
    Refusal,
    ReusedCode,
    SessionRequired,
    StaleSession,
    TooManyAttempts,
    TooManyCodes,
    WrongCode,
)
from services.twofactor.model.totp import window
from tests.fakes.twofactor_kinds import App
from tests.fakes.twofactor_world import PHONE, TwoFactor

# RFC 6238 appendix B, SHA-1, the last six of its eight digits.
RFC_SECRET = b"12345678901234567890"
RFC_VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), RFC_VECTORS)
def test_codes_are_those_of_the_standard(seconds, code):
    _, step, _ = window(datetime.fromtimestamp(seconds, UTC))
    assert PyotpTotp(lambda _: b"").code_at(RFC_SECRET, step) == code


def test_an_app_reads_the_address_from_the_picture():
    uri = PyotpTotp(lambda _: b"").uri(RFC_SECRET, account="eve+1@example.com", issuer="Acme & Sons")
    assert uri == (
        f"otpauth://totp/Acme%20%26%20Sons:eve%2B1%40example.com?secret={base32(RFC_SECRET)}&issuer=Acme%20%26%20Sons"
    )


async def test_an_app_is_the_first_factor_and_confirms_the_login_it_was_enrolled_in():
    world = TwoFactor()
    partial = world.partial()
    begun = await world.begin_totp(partial)
    assert await world.factors(partial.subject) == [], "it counts for nothing yet"
    assert await world.confirm_totp(partial, begun, App(begun.secret, world.clock).code())
    (factor,) = await world.factors(partial.subject)
    assert (factor["channel"], factor["type"], factor["name"], factor["preferred"]) == (
        "totp",
        "otp",
        "Authenticator app",
        True,
    )
    assert (await world.receipt(partial)).text
    assert world.signer.signed[0].amr == ("pwd", "otp", "mfa")


async def test_the_next_login_is_confirmed_by_its_code():
    world = TwoFactor()
    partial, app = await world.person_with_app()
    challenge = await world.open(partial, "totp")
    assert challenge.delivery == "none"
    assert (await world.answer(partial, challenge, app.code())).status is Status.APPROVED
    assert (await world.receipt(partial)).text


async def test_it_works_when_the_vendor_is_away_and_is_what_is_offered_then():
    world = TwoFactor()
    partial = await world.person()
    await world.add_app(world.session(partial.subject))
    for method in ("push", "channels"):
        world.provider.fail(method, ProviderUnavailable())
    login = world.partial(partial.subject)
    with pytest.raises(ProviderUnavailable) as away:
        await world.open(login, "push")
    offered = {factor["channel"]: factor for factor in away.value.members["factors"]}
    assert "totp" in offered
    assert [channel for channel, factor in offered.items() if factor["preferred"]] == ["totp"]
    calls = len(world.provider.calls)
    assert {f["channel"]: f.get("reason") for f in await world.factors(partial.subject)}["push"] == "unknown"
    assert len(world.provider.calls) == calls, "who lists now does not wait for it"
    assert (await world.open(login, "totp")).status is not Status.DENIED


@pytest.mark.parametrize("off_by", [-30, -29, 0, 29, 30])
async def test_a_clock_that_is_a_little_off_is_forgiven(off_by):
    world = TwoFactor()
    partial, app = await world.person_with_app()
    world.clock.advance(seconds=60)
    challenge = await world.open(partial, "totp")
    off = App(app.secret, world.clock, off_by_seconds=off_by)
    assert (await world.answer(partial, challenge, off.code())).status is Status.APPROVED


@pytest.mark.parametrize("off_by", [-60, 60, -3600])
async def test_a_clock_that_is_far_off_is_not(off_by):
    world = TwoFactor()
    partial, app = await world.person_with_app()
    world.clock.advance(seconds=60)
    challenge = await world.open(partial, "totp")
    with pytest.raises(WrongCode):
        await world.answer(partial, challenge, App(app.secret, world.clock, off_by_seconds=off_by).code())


async def test_the_code_that_enrolled_it_signs_nobody_in():
    world = TwoFactor()
    partial = world.partial()
    begun = await world.begin_totp(partial)
    code = App(begun.secret, world.clock).code()
    await world.confirm_totp(partial, begun, code)
    login = world.partial(partial.subject)
    with pytest.raises(ReusedCode):
        await world.answer(login, await world.open(login, "totp"), code)


async def test_a_code_is_good_once_and_so_is_none_before_it():
    world = TwoFactor()
    partial, app = await world.person_with_app()
    world.clock.advance(seconds=60)
    early, late = app.code(), app.code(steps=1)
    await world.answer(partial, await world.open(partial, "totp"), late)
    other = world.partial(partial.subject)
    challenge = await world.open(other, "totp")
    for code in (late, early):
        with pytest.raises(ReusedCode):
            await world.answer(other, challenge, code)


async def test_of_many_that_show_one_code_at_once_in_many_logins_one_gets_in():
    world = TwoFactor()
    partial, app = await world.person_with_app()
    logins = [world.partial(partial.subject) for _ in range(8)]
    challenges = [await world.open(login, "totp") for login in logins]
    tries = [world.answer(login, ch, app.code()) for login, ch in zip(logins, challenges, strict=True)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ReusedCode) for outcome in outcomes) == 7


async def test_a_hundred_guesses_at_once_are_judged_no_more_often_than_the_budget_says():
    world = TwoFactor(wrong_codes_per_hour=12, code_tries=5)
    partial, app = await world.person_with_app()
    logins = [world.partial(partial.subject) for _ in range(20)]
    challenges = [await world.open(login, "totp") for login in logins]
    wrong = "000000" if app.code() != "000000" else "000001"
    tries = [world.answer(login, ch, wrong) for login, ch in zip(logins, challenges, strict=True) for _ in range(5)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(outcome, WrongCode) for outcome in outcomes) == 12
    assert sum(isinstance(outcome, TooManyCodes) for outcome in outcomes) == 88


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "123 456", "\x00" * 6])
async def test_what_is_no_code_is_not_counted(typed):
    world = TwoFactor()
    partial, _app = await world.person_with_app()
    challenge = await world.open(partial, "totp")
    with pytest.raises(CodeMalformed):
        await world.answer(partial, challenge, typed)
    assert (await world.show(partial, challenge)).tries_left == challenge.tries_left


# Enrolling.


async def test_a_stolen_password_cannot_add_an_app():
    world = TwoFactor()
    partial = await world.person()
    with pytest.raises(SessionRequired):
        await world.begin_totp(world.partial(partial.subject))


async def test_a_secret_that_was_begun_before_there_was_a_factor_counts_for_nothing_after():
    """An attacker with the password begins first, and waits until its owner has enrolled a phone."""
    world = TwoFactor()
    partial = world.partial()
    attacker = world.partial(partial.subject)
    begun = await world.begin_totp(attacker)
    await world.enrol_first(partial)
    with pytest.raises(SessionRequired):
        await world.confirm_totp(attacker, begun, App(begun.secret, world.clock).code())
    assert {f["channel"] for f in await world.factors(partial.subject)} == {"push", "app", "sms", "voice"}


async def test_of_two_apps_that_are_first_at_once_one_is():
    world = TwoFactor()
    partial = world.partial()
    logins = [world.partial(partial.subject) for _ in range(5)]
    begun = [await world.begin_totp(login) for login in logins]
    tries = [world.confirm_totp(x, b, App(b.secret, world.clock).code()) for x, b in zip(logins, begun, strict=True)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(outcome is True for outcome in outcomes) == 1
    assert len(await world.factors(partial.subject)) == 1


async def test_only_who_was_shown_the_secret_confirms_it():
    world = TwoFactor()
    partial = await world.person()
    session = world.session(partial.subject)
    begun = await world.begin_totp(session)
    code = App(begun.secret, world.clock).code()
    for other in (world.session(partial.subject), world.session((await world.person()).subject)):
        with pytest.raises(FactorUnknown):
            await world.confirm_totp(other, begun, code)
    assert not await world.confirm_totp(session, begun, code), "a session has no login to confirm"
    assert "totp" in {f["channel"] for f in await world.factors(partial.subject)}


async def test_another_login_of_the_same_person_cannot_confirm_it():
    world = TwoFactor()
    partial = world.partial()
    begun = await world.begin_totp(partial)
    with pytest.raises(FactorUnknown):
        await world.confirm_totp(world.partial(partial.subject), begun, App(begun.secret, world.clock).code())


@pytest.mark.parametrize("session", [{"age_seconds": 300}, {"acr": "aal1"}])
async def test_a_session_that_is_not_fresh_begins_nothing(session):
    world = TwoFactor()
    partial = await world.person()
    with pytest.raises(StaleSession):
        await world.begin_totp(world.session(partial.subject, **session))


async def test_secrets_are_not_made_without_end():
    world = TwoFactor()
    partial = world.partial()
    for _ in range(10):
        await world.begin_totp(partial)
    with pytest.raises(TooManyAttempts):
        await world.begin_totp(partial)
    assert len(world.own.pending.kept) == 10


async def test_a_wrong_first_code_can_be_corrected_and_an_old_secret_is_gone():
    world = TwoFactor()
    partial = world.partial()
    begun = await world.begin_totp(partial)
    app = App(begun.secret, world.clock)
    with pytest.raises(WrongCode):
        await world.confirm_totp(partial, begun, app.code(steps=5))
    assert await world.confirm_totp(partial, begun, app.code())
    late = world.partial()
    begun = await world.begin_totp(late)
    world.clock.advance(minutes=10)
    with pytest.raises(FactorUnknown):
        await world.confirm_totp(late, begun, App(begun.secret, world.clock).code())


@pytest.mark.parametrize("id_", ["", "x", "\x00", "00000000-0000-4000-8000-00000000dead"])
async def test_confirming_what_was_never_begun(id_):
    world = TwoFactor()
    with pytest.raises(FactorUnknown):
        await world.confirm_totp(world.partial(), id_, "123456")


async def test_apps_are_told_apart_and_removed_one_by_one():
    world = TwoFactor()
    partial, _ = await world.person_with_app()
    session = world.session(partial.subject)
    await world.add_app(session)
    first, second = await world.factors(partial.subject)
    assert (first["name"], second["name"]) == ("Authenticator app", "Authenticator app 2")
    await world.remove(world.session(partial.subject), str(first["id"]))
    assert [f["name"] for f in await world.factors(partial.subject)] == ["Authenticator app 2"]


async def test_a_code_of_an_app_that_was_removed_meanwhile_lets_nobody_in():
    world = TwoFactor()
    partial, app = await world.person_with_app()
    challenge = await world.open(partial, "totp")
    await world.answer(partial, challenge, app.code())
    await world.add_app(world.session(partial.subject))
    await world.remove(world.session(partial.subject), challenge.factor_id)
    with pytest.raises(AccessDenied):
        await world.receipt(partial)


async def test_a_phone_can_be_added_to_an_app_under_the_same_address():
    world = TwoFactor()
    partial, _ = await world.person_with_app()
    await world.enrol_another(world.session(partial.subject), PHONE)
    assert {f["channel"] for f in await world.factors(partial.subject)} == {"totp", "push", "app", "sms", "voice"}


@pytest.mark.parametrize(("has", "asked"), [("phone", "totp"), ("app", "push"), ("app", "recovery")])
async def test_a_way_that_nothing_of_theirs_has_is_unknown(has, asked):
    world = TwoFactor()
    partial = await world.person() if has == "phone" else (await world.person_with_app())[0]
    with pytest.raises(FactorUnknown):
        await world.open(partial, asked)
    enrolment = await world.enrolment(partial.subject)
    with pytest.raises(FactorUnknown):
        await world.open(partial, None, factor_id=f"{asked}-{enrolment.id}")


async def test_a_vendor_that_is_spoken_to_no_more_leaves_something_to_remove():
    world = TwoFactor()
    partial = await world.person()
    object.__setattr__(world.kinds, "known", world.kinds.known[1:])
    factors = await world.factors(partial.subject)
    assert {(f["available"], f["reason"]) for f in factors} == {(False, "account_unknown")}
    with pytest.raises(Refusal):
        await world.open(partial, "push")
    await world.add_app(world.session(partial.subject))
    await world.remove(world.session(partial.subject), str(factors[0]["id"]))
    assert [factor["channel"] for factor in await world.factors(partial.subject)] == ["totp"]


# An operator's reset.


async def test_a_reset_takes_everything_and_leaves_one_code_that_leads_to_enrolment():
    world = TwoFactor()
    partial = await world.person()
    await world.add_app(world.session(partial.subject))
    await world.recovery_codes(world.session(partial.subject))
    login = world.partial(partial.subject)
    push = await world.open(login, "push")
    done = await world.reset(partial.subject)
    assert (done.factors, done.code in repr(done)) == (3, False)
    assert (await world.show(login, push)).reason == "operator_cancelled"
    assert world.provider.phones == {}
    await world.approve(push)
    with pytest.raises(AccessDenied):
        await world.receipt(login)
    world.clock.advance(seconds=1)
    assert [(f["channel"], f["left"]) for f in await world.factors(partial.subject)] == [("recovery", 1)]
    anew = world.partial(partial.subject)
    with pytest.raises(SessionRequired):
        await world.begin_totp(anew)
    await world.answer(anew, await world.open(anew, "recovery"), done.code)
    assert (await world.receipt(anew)).text
    # They are in, once. What they set up now is what they have from then on.
    await world.add_app(world.session(partial.subject))
    assert [f["channel"] for f in await world.factors(partial.subject) if f["available"]] == ["totp"]


async def test_after_a_reset_who_has_only_the_password_enrols_nothing_even_when_the_code_is_used_up():
    world = TwoFactor()
    owner = (await world.person()).subject
    done = await world.reset(owner)
    world.clock.advance(seconds=1)
    for _ in range(2):
        thief = world.partial(owner)
        for enrol in (world.enrol_first(thief), world.begin_totp(thief)):
            with pytest.raises(SessionRequired):
                await enrol
        mine = world.partial(owner)
        with suppress(ChannelUnavailable):
            await world.answer(mine, await world.open(mine, "recovery"), done.code)


async def test_a_second_reset_s_code_takes_the_place_of_the_first():
    world = TwoFactor()
    owner = (await world.person()).subject
    first, second = await world.reset(owner), await world.reset(owner)
    world.clock.advance(seconds=1)
    mine = world.partial(owner)
    challenge = await world.open(mine, "recovery")
    with pytest.raises(WrongCode):
        await world.answer(mine, challenge, first.code)
    assert (await world.answer(mine, challenge, second.code)).status is Status.APPROVED


async def test_a_reset_leaves_a_shared_phone_to_the_other():
    world = TwoFactor()
    one, two = await world.person(), await world.person()
    await world.reset(one.subject)
    assert len(world.provider.phones) == 1
    assert await world.factors(two.subject)


async def test_a_failing_channel_names_the_other_ways_of_the_same_channel_too():
    world = TwoFactor()
    partial = await world.person()
    await world.add_app(world.session(partial.subject))
    world.provider.set_app((await world.enrolment(partial.subject)).account, registered=False)
    with pytest.raises(ChannelUnavailable) as closed:
        await world.open(partial, "push")
    assert {f["channel"] for f in closed.value.members["factors"]} >= {"totp", "sms"}
