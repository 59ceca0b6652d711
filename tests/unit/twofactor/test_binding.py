"""A push that is bound: the phone's approval and the number that stood in it, or nothing."""

import asyncio
from contextlib import suppress

import pytest

from services.twofactor.crypto.binding_codes import KeyedCodes
from services.twofactor.model.challenge import BINDING_TRIES, Status
from services.twofactor.model.channel import Delivery
from services.twofactor.model.errors import (
    AccessDenied,
    ChallengeClosed,
    ChallengeUnknown,
    CodeMalformed,
    CodeUnexpected,
    NotApprovedYet,
    WrongCode,
)
from tests.fakes.twofactor_drafts import a_challenge
from tests.fakes.twofactor_world import NUMBER, TwoFactor


@pytest.fixture
def world():
    return TwoFactor(push_binding="prompt")


def another(number):
    return f"{(int(number) + 1) % 10**6:06d}"


async def test_the_push_carries_six_digits_before_anything_else_and_the_challenge_does_not(world):
    challenge = await world.open(await world.person())
    request = world.provider.pushes[challenge.reference].request
    assert next(iter(request.details)) == NUMBER
    assert len(world.number(challenge)) == 6
    assert world.number(challenge).isdigit()
    assert challenge.bound
    assert challenge.tries_left == BINDING_TRIES
    assert world.number(challenge) not in repr(challenge) + request.message + repr(request.hidden_details)


async def test_approved_first_then_the_number(world):
    partial = await world.person()
    challenge = await world.open(partial)
    await world.approve(challenge)
    assert (await world.show(partial, challenge)).status.waiting_for == ("code",)
    with pytest.raises(NotApprovedYet):
        await world.receipt(partial)
    assert (await world.answer(partial, challenge, world.number(challenge))).status is Status.APPROVED
    assert await world.receipt(partial)


async def test_the_number_first_then_approved(world):
    partial = await world.person()
    challenge = await world.open(partial)
    typed = await world.answer(partial, challenge, world.number(challenge))
    assert typed.status.waiting_for == ("phone",)
    with pytest.raises(NotApprovedYet):
        await world.receipt(partial)
    await world.approve(challenge)
    assert (await world.show(partial, challenge)).status is Status.APPROVED
    assert await world.receipt(partial)


async def test_both_at_once(world):
    partial = await world.person()
    challenge = await world.open(partial)
    await asyncio.gather(world.approve(challenge), world.answer(partial, challenge, world.number(challenge)))
    assert (await world.show(partial, challenge)).status is Status.APPROVED


async def test_waiters_hear_of_each_half(world):
    partial = await world.person()
    challenge = await world.open(partial)
    await world.answer(partial, challenge, world.number(challenge))
    await world.approve(challenge)
    assert [told for _, told, _ in world.challenges.announced] == ["phone", "approved"]


async def test_an_approval_without_its_number_runs_out(world):
    partial = await world.person()
    challenge = await world.open(partial)
    await world.approve(challenge)
    world.clock.advance(seconds=121)
    with pytest.raises(ChallengeClosed):
        await world.answer(partial, challenge, world.number(challenge))
    assert (await world.show(partial, challenge)).reason == "not_answered"


async def test_an_approval_lives_from_its_second_half_on(world):
    partial = await world.person()
    challenge = await world.open(partial)
    await world.approve(challenge)
    ends = (await world.show(partial, challenge)).expires_at
    assert ends == challenge.expires_at, "half an approval buys no time"
    world.clock.advance(seconds=100)
    approved = await world.answer(partial, challenge, world.number(challenge))
    assert approved.expires_at > ends


async def test_a_wrong_number_says_how_many_tries_are_left_and_the_third_ends_it(world):
    partial = await world.person()
    challenge = await world.open(partial)
    await world.approve(challenge)
    wrong = another(world.number(challenge))
    for left in (2, 1, 0):
        with pytest.raises(WrongCode) as refused:
            await world.answer(partial, challenge, wrong)
        assert refused.value.members == {"tries_left": left}
    ended = await world.show(partial, challenge)
    assert (ended.status, ended.reason) == (Status.DENIED, "too_many_codes")
    with pytest.raises(ChallengeClosed):
        await world.answer(partial, challenge, world.number(challenge))
    with pytest.raises(AccessDenied):
        await world.receipt(partial)


async def test_an_approval_after_the_third_wrong_number_opens_nothing(world):
    partial = await world.person()
    challenge = await world.open(partial)
    for _ in range(3):
        with pytest.raises(WrongCode):
            await world.answer(partial, challenge, another(world.number(challenge)))
    await world.approve(challenge)
    assert (await world.show(partial, challenge)).status is Status.DENIED


async def test_a_hundred_guesses_at_once_are_three(world):
    partial = await world.person()
    challenge = await world.open(partial)
    await world.approve(challenge)
    number = int(world.number(challenge))
    guesses = [world.answer(partial, challenge, f"{(number + 1 + n) % 10**6:06d}") for n in range(99)]
    right = world.answer(partial, challenge, world.number(challenge))
    outcomes = await asyncio.gather(*guesses, right, return_exceptions=True)
    assert sum(isinstance(o, WrongCode) and o.members["tries_left"] != 0 for o in outcomes) == 2
    assert (await world.show(partial, challenge)).status is Status.DENIED


async def test_no_vendor_is_asked_about_the_number_and_no_other_tally_counts_it(world):
    partial = await world.person()
    challenge = await world.open(partial)
    counted = {name: dict(tries) for name, tries in world.limiter.tries.items()}
    with suppress(WrongCode):
        await world.answer(partial, challenge, another(world.number(challenge)))
    assert "require_code" not in world.provider.calls
    assert {name: dict(tries) for name, tries in world.limiter.tries.items()} == counted


async def test_the_number_of_another_push_is_wrong(world):
    one, other = await world.person(), await world.person()
    mine, theirs = await world.open(one), await world.open(other)
    assert world.number(mine) != world.number(theirs)
    with pytest.raises(WrongCode):
        await world.answer(one, mine, world.number(theirs))
    with pytest.raises(ChallengeUnknown):
        await world.answer(one, theirs, world.number(theirs))


async def test_the_number_typed_twice_is_not_wrong_the_phone_is_asked_for(world):
    partial = await world.person()
    challenge = await world.open(partial)
    await world.answer(partial, challenge, world.number(challenge))
    with pytest.raises(CodeUnexpected):
        await world.answer(partial, challenge, another(world.number(challenge)))
    assert (await world.show(partial, challenge)).tries_left == 2


async def test_a_number_that_is_none_costs_no_try(world):
    partial = await world.person()
    challenge = await world.open(partial)
    for text in ("12345", "12 456", "", "\u0661\u0662\u0663\u0664\u0665\u0666"):
        with pytest.raises(CodeMalformed):
            await world.answer(partial, challenge, text)
    assert (await world.show(partial, challenge)).tries_left == BINDING_TRIES


async def test_a_denial_ends_it_even_after_the_right_number(world):
    partial = await world.person()
    challenge = await world.open(partial)
    await world.answer(partial, challenge, world.number(challenge))
    await world.deny(challenge)
    assert (await world.show(partial, challenge)).status is Status.DENIED


async def test_an_approval_that_was_read_back_counts_as_one_that_was_told(world):
    partial = await world.person()
    challenge = await world.open(partial)
    await world.answer(partial, challenge, world.number(challenge))
    world.provider.approve(challenge.reference)
    world.clock.advance(seconds=5)
    await world.show(partial, challenge)
    await world.background.run()
    assert (await world.show(partial, challenge)).status is Status.APPROVED


async def test_a_phone_that_has_approved_is_not_asked_again(world):
    partial = await world.person()
    challenge = await world.open(partial)
    await world.approve(challenge)
    world.clock.advance(seconds=5)
    await world.show(partial, challenge)
    assert not world.background.works


def test_a_number_is_believed_by_every_key_and_made_by_the_first():
    old, new = KeyedCodes([b"o" * 32]), KeyedCodes([b"n" * 32, b"o" * 32])
    challenge = a_challenge()
    assert new.is_right(challenge, old.code_of(challenge))
    assert new.is_right(challenge, new.code_of(challenge))
    assert not old.is_right(challenge, new.code_of(challenge))
    assert not new.is_right(challenge, "")


def test_numbers_are_spread_over_all_of_a_million():
    codes = KeyedCodes([b"k" * 32])
    drawn = [codes.code_of(a_challenge()) for _ in range(2000)]
    assert all(len(code) == 6 for code in drawn)
    assert len(set(drawn)) > 1980
    assert {code[0] for code in drawn} == set("0123456789")


async def test_codes_by_other_channels_are_as_before(world):
    partial = await world.person()
    challenge = await world.open(partial, "sms")
    assert (challenge.bound, challenge.delivery) == (False, Delivery.SENT)
    assert challenge.status.waiting_for == ("code",)
    code = world.provider.last_code(challenge.account)
    assert (await world.answer(partial, challenge, code)).status is Status.APPROVED
