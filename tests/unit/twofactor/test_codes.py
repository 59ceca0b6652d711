"""Codes that people type."""

import asyncio

import pytest

from services.twofactor.model.challenge import Status
from services.twofactor.model.errors import (
    ChallengeClosed,
    CodeMalformed,
    CodeUnexpected,
    ProviderUnavailable,
    Refusal,
    ReusedCode,
    TooManyCodes,
    WrongCode,
)
from tests.fakes.twofactor_world import TwoFactor


async def asked(channel="sms", **settings):
    world = TwoFactor(**settings)
    partial = await world.person()
    return world, partial, await world.open(partial, channel)


def right_code(world, challenge):
    if challenge.channel == "app" or challenge.delivery == "open_app":
        return world.provider.app_token(challenge.account)
    return world.provider.last_code(challenge.account)


@pytest.mark.parametrize("channel", ["app", "sms", "voice"])
async def test_the_right_code_approves(channel):
    world, partial, challenge = await asked(channel)
    answered = await world.answer(partial, challenge, right_code(world, challenge))
    assert answered.status is Status.APPROVED
    assert (await world.receipt(partial)).text


async def test_a_text_held_back_is_answered_from_the_app_and_told_as_such():
    world = TwoFactor()
    world.provider.hold_texts_back()
    partial = await world.person()
    challenge = await world.open(partial, "sms")
    await world.answer(partial, challenge, world.provider.app_token(challenge.account))
    await world.receipt(partial)
    assert world.signer.signed[0].amr == ("pwd", "otp", "mfa")


async def test_a_wrong_code_says_how_many_tries_are_left():
    world, partial, challenge = await asked()
    with pytest.raises(WrongCode) as wrong:
        await world.answer(partial, challenge, "0000000")
    assert wrong.value.members == {"tries_left": 4}
    assert (await world.show(partial, challenge)).tries_left == 4
    assert (await world.answer(partial, challenge, right_code(world, challenge))).status is Status.APPROVED


async def test_the_last_wrong_code_denies():
    world, partial, challenge = await asked(code_tries=3)
    for left in (2, 1, 0):
        with pytest.raises(WrongCode) as wrong:
            await world.answer(partial, challenge, "0000000")
        assert wrong.value.members["tries_left"] == left
    denied = await world.show(partial, challenge)
    assert (denied.status, denied.reason) == (Status.DENIED, "too_many_codes")
    with pytest.raises(ChallengeClosed):
        await world.answer(partial, challenge, right_code(world, challenge))


async def test_a_code_that_was_used_is_told_apart():
    world, partial, challenge = await asked("app")
    code = right_code(world, challenge)
    await world.answer(partial, challenge, code)
    await world.receipt(partial)
    again = world.partial(partial.subject)
    with pytest.raises(ReusedCode) as reused:
        await world.answer(again, await world.open(again, "app"), code)
    assert reused.value.members == {"tries_left": 4, "reason": "reused"}


async def test_a_code_of_another_login_opens_nothing():
    world, partial, challenge = await asked("sms")
    code = right_code(world, challenge)
    other = world.partial(partial.subject)
    with pytest.raises(WrongCode):
        await world.answer(other, await world.open(other, "sms"), code)


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567890123", "12345６7", "١٢٣٤٥٦٧", "123 4567", "1234567\n", "../1234", "abcdefg"]
)
async def test_what_is_not_six_to_twelve_ascii_digits_asks_nobody_and_costs_no_try(code):
    world, partial, challenge = await asked()
    with pytest.raises(CodeMalformed):
        await world.answer(partial, challenge, code)
    assert "require_code" not in world.provider.calls
    assert (await world.show(partial, challenge)).tries_left == 5


async def test_a_push_takes_no_code():
    world, partial, challenge = await asked("push")
    with pytest.raises(CodeUnexpected):
        await world.answer(partial, challenge, world.provider.app_token(challenge.account))


async def test_parallel_guesses_are_no_more_than_the_tries():
    world, partial, challenge = await asked()
    guesses = [world.answer(partial, challenge, f"{number:07d}") for number in range(50)]
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    assert all(isinstance(outcome, Refusal) for outcome in outcomes)
    assert world.provider.calls.count("require_code") == 5
    assert (await world.show(partial, challenge)).status is Status.DENIED


async def test_guesses_over_many_logins_end_too():
    world = TwoFactor(wrong_codes_per_hour=7)
    partial = await world.person()
    for guess in range(7):
        login = world.partial(partial.subject)
        with pytest.raises(WrongCode):
            await world.answer(login, await world.open(login, "app"), f"{guess:07d}")
    login = world.partial(partial.subject)
    challenge = await world.open(login, "app")
    with pytest.raises(TooManyCodes) as refused:
        await world.answer(login, challenge, world.provider.app_token(challenge.account))
    assert refused.value.retry_after
    await world.cancel(login, challenge)
    await world.approve(await world.open(login))
    assert (await world.receipt(login)).text, "the phone itself still confirms"


async def test_a_right_code_gives_back_itself_and_no_more():
    """Or who guesses would begin anew each time that the owner gets in."""
    world = TwoFactor(wrong_codes_per_hour=5)
    partial = await world.person()
    for guess in range(5):
        login = world.partial(partial.subject)
        challenge = await world.open(login, "sms")
        if guess < 4:
            with pytest.raises(WrongCode):
                await world.answer(login, challenge, f"{guess:07d}")
        await world.answer(login, challenge, right_code(world, challenge))
    login = world.partial(partial.subject)
    challenge = await world.open(login, "sms")
    with pytest.raises(WrongCode):
        await world.answer(login, challenge, "0000000")
    with pytest.raises(TooManyCodes):
        await world.answer(login, challenge, right_code(world, challenge))


async def test_a_try_that_the_vendor_never_judged_is_not_lost():
    world, partial, challenge = await asked(code_tries=1, wrong_codes_per_hour=5)
    world.provider.fail("require_code", ProviderUnavailable(), times=8)
    for _ in range(8):
        with pytest.raises(ProviderUnavailable):
            await world.answer(partial, challenge, "0000000")
    assert (await world.answer(partial, challenge, right_code(world, challenge))).status is Status.APPROVED


async def test_a_right_code_that_the_vendor_confirms_too_late_does_not_approve():
    world, partial, challenge = await asked()
    slow = world.provider.hold("require_code")
    task = asyncio.create_task(world.answer(partial, challenge, right_code(world, challenge)))
    while "require_code" not in world.provider.calls:
        await asyncio.sleep(0)
    world.clock.advance(seconds=120)
    slow.set()
    with pytest.raises(ChallengeClosed) as closed:
        await task
    assert closed.value.members["challenge_status"] == "expired"


async def test_a_right_code_beside_the_last_wrong_one_counts_if_it_came_first():
    world, partial, challenge = await asked(code_tries=2)
    vendor = world.provider.hold("require_code")
    codes = [right_code(world, challenge), "0000000"]
    tasks = [asyncio.create_task(world.answer(partial, challenge, code)) for code in codes]
    while world.provider.calls.count("require_code") < 2:
        await asyncio.sleep(0)
    vendor.set()
    answered = await asyncio.gather(*tasks, return_exceptions=True)
    assert answered[0].status is Status.APPROVED
    assert isinstance(answered[1], WrongCode)
    assert (await world.show(partial, challenge)).status is Status.APPROVED
