"""A code at hand: a challenge is opened, answered and consumed in one step, and all is as with three."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from services.twofactor.model.challenge import Status
from services.twofactor.model.errors import (
    AccessDenied,
    ApprovalExpired,
    ChallengeClosed,
    ChallengePending,
    CodeMalformed,
    FactorUnknown,
    NoFactor,
    NotAuthenticated,
    NothingToConfirm,
    ProviderUnavailable,
    ReusedCode,
    TooManyAttempts,
    TooManyChallenges,
    TooManyCodes,
    WrongCode,
)
from services.twofactor.model.events import What
from tests.fakes.dying import Killed, Process
from tests.fakes.twofactor_world import TwoFactor

WRONG = "0000000"


async def app_code(world, partial):
    return world.provider.app_token((await world.enrolment(partial.subject)).account)


async def with_totp(**settings):
    world = TwoFactor(**settings)
    partial, app = await world.person_with_app()
    return world, partial, app


async def newest(world, partial):
    return await world.challenges.latest(partial.login)


def is_wrong(app):
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in
                {app.code(steps=step) for step in (-1, 0, 1)})  # fmt: skip


async def in_three_steps(world, partial, code, channel):
    await world.answer(partial, await world.open(partial, channel), code)
    return await world.receipt(partial)


async def code_of(world, partial, channel):
    if channel == "totp":
        return (await world.add_app(world.session(partial.subject))).code()
    if channel == "recovery":
        return (await world.recovery_codes(world.session(partial.subject)))[0]
    return await app_code(world, partial)


@pytest.mark.parametrize("channel", ["totp", "app", "recovery"])
async def test_record_receipt_and_counts_are_those_of_three_steps(channel):
    told = []
    for step in (TwoFactor.at_hand, in_three_steps):
        world = TwoFactor()
        partial = await world.person()
        code = await code_of(world, partial, channel)
        before, login = len(world.events.all), world.partial(partial.subject)
        issued = await step(world, login, code, channel)
        (facts,) = world.receipts.rows.values()
        left = {name: dict(tries) for name, tries in world.limiter.tries.items()}
        told.append((world.events.all[before:], facts, issued, left, await newest(world, login)))
    assert told[0] == told[1]
    assert {What.CHALLENGE_OPENED, What.CHALLENGE_APPROVED, What.RECEIPT_ISSUED} <= {event.what for event in told[0][0]}


async def test_who_says_nothing_means_the_authenticator_app_and_else_authy_s():
    world = TwoFactor()
    partial = await world.person()
    await world.at_hand(partial, await app_code(world, partial))
    assert (await newest(world, partial)).channel == "app"
    app = await world.add_app(world.session(partial.subject))
    login = world.partial(partial.subject)
    await world.at_hand(login, app.code())
    assert (await newest(world, login)).channel == "totp"


async def test_who_says_nothing_never_means_a_recovery_code():
    world, partial, _ = await with_totp()
    (code, *_) = await world.recovery_codes(world.session(partial.subject))
    with pytest.raises(CodeMalformed):
        await world.at_hand(partial, code)
    handed = await world.reset(partial.subject)
    world.clock.advance(seconds=1)
    login = world.partial(partial.subject)
    with pytest.raises(FactorUnknown):
        await world.at_hand(login, handed.code)
    assert (await world.at_hand(login, handed.code, "recovery")).text


async def test_a_factor_is_meant_by_its_id_and_must_be_one_s_own():
    world, partial, app = await with_totp()
    stranger, _ = await world.person_with_app()
    theirs, mine = await world.enrolment(stranger.subject), await world.enrolment(partial.subject)
    for unknown in (f"totp-{theirs.id}", f"app-{mine.id}", "totp", "", "x"):
        with pytest.raises(FactorUnknown):
            await world.at_hand(partial, app.code(), factor_id=unknown)
    assert await newest(world, partial) is None
    assert (await world.at_hand(partial, app.code(), factor_id=f"totp-{mine.id}")).text


async def test_without_a_factor_there_is_nothing_to_answer():
    world = TwoFactor()
    with pytest.raises(NoFactor):
        await world.at_hand(world.partial(), "123456")


async def test_a_wrong_code_and_then_the_right_one_are_answers_to_one_challenge():
    world, partial, app = await with_totp()
    for left in (4, 3):
        with pytest.raises(WrongCode) as wrong:
            await world.at_hand(partial, is_wrong(app))
        assert wrong.value.members == {"tries_left": left}
    assert (await world.at_hand(partial, app.code())).text
    assert world.events.whats().count(What.CHALLENGE_OPENED) == 2, "one when it was enrolled, and this"


async def test_a_login_whose_tries_are_used_up_is_denied_and_asks_nothing_more():
    world, partial, app = await with_totp(code_tries=2)
    for _ in range(2):
        with pytest.raises(WrongCode):
            await world.at_hand(partial, is_wrong(app))
    assert (await newest(world, partial)).status is Status.DENIED
    for _ in range(3):
        with pytest.raises(AccessDenied):
            await world.at_hand(partial, app.code())
    assert world.events.all[-1].what is What.RECEIPT_REFUSED
    await world.open(partial, "totp")
    assert (await world.at_hand(partial, app.code())).text, "somebody asked anew"


async def test_it_answers_the_challenge_that_is_open_of_this_kind():
    world, partial, app = await with_totp()
    challenge = await world.open(partial, "totp")
    await world.at_hand(partial, app.code())
    assert (await newest(world, partial)).id == challenge.id


@pytest.mark.parametrize("channel", ["push", "sms", "recovery"])
async def test_beside_another_that_is_open_no_code_is_looked_at(channel):
    world = TwoFactor()
    partial = await world.person()
    app = await world.add_app(world.session(partial.subject))
    await world.recovery_codes(world.session(partial.subject))
    login = world.partial(partial.subject)
    challenge = await world.open(login, channel)
    for code in (app.code(), is_wrong(app)):
        with pytest.raises(ChallengePending) as refused:
            await world.at_hand(login, code)
        assert refused.value.members == {"challenge_id": challenge.id}
    await world.cancel(login, challenge)
    assert (await world.at_hand(login, app.code())).text


async def test_who_lost_the_answer_has_the_same_again_though_the_code_is_spent():
    world, partial, app = await with_totp()
    code = app.code()
    issued = await world.at_hand(partial, code)
    events = list(world.events.all)
    assert await world.at_hand(partial, code) == issued
    assert await world.at_hand(partial, is_wrong(app), "recovery") == issued, "none is looked at"
    assert await world.receipt(partial) == issued
    assert world.events.all == events
    world.clock.advance(seconds=60)
    with pytest.raises(NothingToConfirm):
        await world.at_hand(partial, app.code())


async def test_an_approval_from_before_needs_no_code_and_one_that_nobody_used_is_no_approval():
    world = TwoFactor()
    partial = await world.person()
    app = await world.add_app(world.session(partial.subject))
    for seconds, judged in ((59, False), (60, True)):
        login = world.partial(partial.subject)
        await world.approve(await world.open(login))
        world.clock.advance(seconds=seconds)
        if judged:
            with pytest.raises(ApprovalExpired):
                await world.receipt(login)
            with pytest.raises(WrongCode):
                await world.at_hand(login, is_wrong(app))
        else:
            assert (await world.at_hand(login, is_wrong(app))).text


async def test_when_it_cannot_be_recorded_nobody_has_it_and_a_retry_gets_the_same():
    world, partial, app = await with_totp()
    world.receipts.broken = ConnectionError("PostgreSQL is away")
    with pytest.raises(ConnectionError):
        await world.at_hand(partial, app.code())
    assert world.receipts.rows.keys() == set()
    world.receipts.broken = None
    issued = await world.at_hand(partial, app.code())
    assert issued.text == f"receipt 1 for {next(iter(world.receipts.rows))}"


async def test_parallel_guesses_are_no_more_than_the_tries_and_open_one_challenge():
    world = TwoFactor()
    partial = await world.person()
    tries = [world.at_hand(partial, f"{number:07d}") for number in range(50)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} <= {WrongCode, ChallengePending, AccessDenied}
    more = [world.at_hand(partial, f"{number:07d}") for number in range(50)]
    outcomes = await asyncio.gather(*more, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} <= {WrongCode, AccessDenied}
    assert world.provider.calls.count("require_code") == 5
    assert world.events.whats().count(What.CHALLENGE_OPENED) == 1


async def test_one_code_sent_twenty_times_at_once_is_one_receipt():
    world, partial, app = await with_totp()
    code, had = app.code(), len(world.receipts.rows)
    outcomes = await asyncio.gather(*(world.at_hand(partial, code) for _ in range(20)), return_exceptions=True)
    assert len({outcome.text for outcome in outcomes if not isinstance(outcome, Exception)}) == 1
    assert {type(outcome) for outcome in outcomes if isinstance(outcome, Exception)} <= {ReusedCode, ChallengePending}
    assert len(world.receipts.rows) == had + 1


async def test_guesses_over_many_logins_end_too():
    world, partial, app = await with_totp(wrong_codes_per_hour=7)
    for _ in range(7):
        with pytest.raises(WrongCode):
            await world.at_hand(world.partial(partial.subject), is_wrong(app))
    login = world.partial(partial.subject)
    with pytest.raises(TooManyCodes) as refused:
        await world.at_hand(login, app.code())
    assert refused.value.retry_after
    world.clock.advance(hours=1, minutes=5)
    later = world.partial(partial.subject)
    assert (await world.at_hand(later, app.code())).text


async def test_right_codes_are_given_back_and_challenges_are_not():
    world, partial, app = await with_totp(wrong_codes_per_hour=5)
    for _ in range(55):
        world.clock.advance(seconds=30)
        await world.at_hand(world.partial(partial.subject), app.code())
    for _ in range(5):
        with pytest.raises(WrongCode):
            await world.at_hand(world.partial(partial.subject), is_wrong(app))
    # Both are used up: it is the challenge that would have come first.
    with pytest.raises(TooManyAttempts):
        await world.at_hand(world.partial(partial.subject), app.code(steps=1))


async def test_a_code_that_is_none_asks_nobody_and_costs_no_try():
    world, partial, app = await with_totp()
    for typed in ("", "12345", "1234567", "12345６", "abcdef", "123 456"):
        with pytest.raises(CodeMalformed):
            await world.at_hand(partial, typed)
    assert await newest(world, partial) is None
    with pytest.raises(WrongCode) as wrong:
        await world.at_hand(partial, is_wrong(app))
    assert wrong.value.members == {"tries_left": 4}


async def test_what_is_refused_before_a_code_is_looked_at_is_no_guess():
    world, partial, app = await with_totp(wrong_codes_per_hour=5, challenges_per_login=1)
    other = world.partial(partial.subject)
    challenge = (
        await world.open(other, "recovery") if await world.recovery_codes(world.session(other.subject)) else None
    )
    for _ in range(6):
        with pytest.raises(CodeMalformed):
            await world.at_hand(partial, "12345")
        with pytest.raises(FactorUnknown):
            await world.at_hand(partial, app.code(), "app")
        with pytest.raises(ChallengePending):
            await world.at_hand(other, app.code())
    await world.cancel(other, challenge)
    for _ in range(6):
        with pytest.raises(TooManyChallenges):
            await world.at_hand(other, app.code())
    assert (await world.at_hand(partial, app.code())).text


async def test_a_guess_beyond_the_limit_opens_nothing():
    world, partial, app = await with_totp(wrong_codes_per_hour=5)
    for _ in range(5):
        with pytest.raises(WrongCode):
            await world.at_hand(partial, is_wrong(app))
    login, before = world.partial(partial.subject), list(world.events.all)
    with pytest.raises(TooManyCodes):
        await world.at_hand(login, app.code())
    assert await newest(world, login) is None
    assert world.events.all == before


async def test_a_try_that_the_vendor_never_judged_is_not_lost():
    world = TwoFactor(code_tries=1, wrong_codes_per_hour=5)
    partial = await world.person()
    world.provider.fail("require_code", ProviderUnavailable(), times=6)
    for _ in range(6):
        with pytest.raises(ProviderUnavailable):
            await world.at_hand(partial, WRONG)
    assert (await world.at_hand(partial, await app_code(world, partial))).text


async def test_a_login_asks_so_often_and_no_more():
    world, partial, app = await with_totp(challenges_per_login=3)
    for _ in range(3):
        with pytest.raises(WrongCode):
            await world.at_hand(partial, is_wrong(app))
        await world.cancel(partial, await newest(world, partial))
    with pytest.raises(TooManyChallenges):
        await world.at_hand(partial, app.code())


async def test_another_token_of_the_same_login_gets_nothing_out_of_it():
    world, partial, app = await with_totp()
    await world.open(partial, "totp")
    for facts in ({"id": world.new_id()}, {"subject": (await world.person_with_app())[0].subject}):
        with pytest.raises((ChallengePending, FactorUnknown)):
            await world.at_hand(replace(partial, **facts), app.code())
    assert (await world.at_hand(partial, app.code())).text


async def test_a_login_that_was_voided_is_none_also_if_it_is_said_while_the_code_is_judged():
    world = TwoFactor()
    partial = await world.person()
    vendor = world.provider.hold("require_code")
    task = asyncio.create_task(world.at_hand(partial, await app_code(world, partial)))
    while "require_code" not in world.provider.calls:
        await asyncio.sleep(0)
    other = world.partial(partial.subject)
    await world.disavow(world.session(partial.subject))
    vendor.set()
    with pytest.raises((NotAuthenticated, ChallengeClosed)):
        await task
    assert world.receipts.rows == {}
    for login in (partial, other):
        with pytest.raises(NotAuthenticated):
            await world.at_hand(login, await app_code(world, partial))
    assert await newest(world, other) is None


async def test_a_factor_that_is_removed_while_its_code_is_judged_lets_nobody_in():
    world = TwoFactor()
    partial = await world.person()
    code, phone = await app_code(world, partial), await world.enrolment(partial.subject)
    vendor = world.provider.hold("require_code")
    task = asyncio.create_task(world.at_hand(partial, code))
    while "require_code" not in world.provider.calls:
        await asyncio.sleep(0)
    world.enrolments.forget(phone)
    vendor.set()
    with pytest.raises(AccessDenied):
        await task
    with pytest.raises(AccessDenied):
        await world.at_hand(partial, code)
    assert world.receipts.rows == {}


async def judged_meanwhile(meanwhile):
    """What comes of a right code of Authy's app when something else happens while Authy looks at it."""
    world = TwoFactor(challenge_ttl=60)
    partial = await world.person()
    vendor = world.provider.hold("require_code")
    task = asyncio.create_task(world.at_hand(partial, await app_code(world, partial)))
    while "require_code" not in world.provider.calls:
        await asyncio.sleep(0)
    before = await meanwhile(world, partial, await newest(world, partial))
    vendor.set()
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    return world, before, outcome


async def approved(world, partial, challenge):
    moved = challenge.moved(Status.APPROVED, world.clock())
    assert await world.challenges.move(moved, expected=challenge.status, closes=False)


async def consumed(world, partial, challenge):
    await approved(world, partial, challenge)
    return await world.receipt(partial)


async def cancelled(world, partial, challenge):
    await world.cancel(partial, challenge)


async def overdue(world, partial, challenge):
    world.clock.advance(seconds=60)


async def voided(world, partial, challenge):
    """Said, and what is open is not cancelled yet."""
    await world.logins.void(partial.subject, world.clock())


async def removed(world, partial, challenge):
    world.enrolments.forget(await world.enrolment(partial.subject))


async def test_whoever_is_faster_decides_and_both_have_the_one_receipt():
    for meanwhile in (approved, consumed):
        world, before, outcome = await judged_meanwhile(meanwhile)
        (kept,) = world.receipts.rows
        assert outcome.text == f"receipt 1 for {kept}"
        assert before in {None, outcome}
        assert sorted(world.events.whats()[-2:]) == [What.CHALLENGE_OPENED, What.RECEIPT_ISSUED]


@pytest.mark.parametrize(
    ("meanwhile", "refusal", "told"),
    [
        (cancelled, NothingToConfirm, [What.CHALLENGE_CANCELLED, What.RECEIPT_REFUSED]),
        (overdue, ApprovalExpired, [What.CHALLENGE_EXPIRED, What.RECEIPT_REFUSED]),
        (voided, NotAuthenticated, [What.CHALLENGE_APPROVED]),
        (removed, AccessDenied, [What.CHALLENGE_APPROVED, What.RECEIPT_REFUSED]),
    ],
)
async def test_what_ends_while_a_code_is_judged_has_ended_and_all_of_it_is_on_record(meanwhile, refusal, told):
    world, _, outcome = await judged_meanwhile(meanwhile)
    assert isinstance(outcome, refusal)
    assert world.receipts.rows == {}
    assert sorted(world.events.whats()[1:]) == sorted([What.CHALLENGE_OPENED, *told])


async def test_what_happened_is_on_record_once_though_no_receipt_could_be_kept():
    world, partial, app = await with_totp()
    before, world.receipts.broken = len(world.events.all), ConnectionError("PostgreSQL is away")
    with pytest.raises(ConnectionError):
        await world.at_hand(partial, app.code())
    world.receipts.broken = None
    await world.at_hand(partial, app.code())
    told = [What.CHALLENGE_OPENED, What.CHALLENGE_APPROVED, What.RECEIPT_ISSUED]
    assert world.events.whats()[before:] == told


async def test_a_wrong_code_is_on_record_behind_the_challenge_that_it_answered():
    for tries in (1, 2):
        world, partial, app = await with_totp(code_tries=tries)
        before = len(world.events.all)
        with pytest.raises(WrongCode):
            await world.at_hand(partial, is_wrong(app))
        told = world.events.whats()[before:]
        assert sorted(told) == sorted(
            [What.CHALLENGE_OPENED, What.CODE_REFUSED, *([What.CHALLENGE_DENIED] if tries == 1 else [])]
        )
        assert tries == 2 or told[0] is What.CHALLENGE_OPENED


def stores(world):
    return (
        world.challenges,
        world.logins,
        world.enrolments,
        world.limiter,
        world.receipts,
        world.own.secrets,
        world.events,
    )


async def steps_of_a_login():
    world, partial, app = await with_totp()
    process = Process(stores(world))
    with process.killed_at(0, done=False):
        await world.at_hand(partial, app.code())
        return process.steps


@pytest.mark.parametrize("done", [False, True])
async def test_a_process_that_is_killed_at_any_step_lets_nobody_in_and_locks_nobody_out(done):
    for step in range(1, await steps_of_a_login() + 1):
        world, partial, app = await with_totp()
        process, had = Process(stores(world)), len(world.receipts.rows)
        with process.killed_at(step, done=done), pytest.raises(Killed):
            await world.at_hand(partial, app.code())
        world.clock.advance(seconds=30)
        issued = await world.at_hand(partial, app.code())
        assert len(world.receipts.rows) == had + 1, step
        assert issued == await world.receipt(partial)


@pytest.mark.parametrize("done", [False, True])
async def test_who_could_kill_processes_would_get_no_guess_more(done):
    for step in range(1, await steps_of_a_login() + 1):
        world, partial, app = await with_totp()
        process = Process(stores(world))
        for _ in range(12):
            with process.killed_at(step, done=done), suppress(WrongCode, AccessDenied, Killed):
                await world.at_hand(partial, is_wrong(app))
        assert process.did["of"] <= 5, "so often was a code judged"
        assert world.receipts.rows == {}
