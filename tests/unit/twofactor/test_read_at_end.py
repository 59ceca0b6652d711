"""Pushes for which nobody waits: at the end of their time they are read back all the same."""

import pytest

from services.twofactor.model.challenge import Status
from services.twofactor.model.errors import ApprovalExpired, ProviderUnavailable, Refusal
from tests.fakes.twofactor_world import TwoFactor


async def asked(**settings):
    world = TwoFactor(**settings)
    partial = await world.person()
    return world, partial, await world.open(partial)


async def run_out(world, seconds=122):
    world.clock.advance(seconds=seconds)
    await world.look_at_ends()


def disavowed(world):
    return {said.id for said in world.disavowals.rows.values()}


async def test_a_denial_that_nobody_heard_of_is_heard_in_the_end():
    world, partial, challenge = await asked()
    world.provider.deny(challenge.reference)
    await run_out(world)
    assert disavowed(world) == {challenge.id}
    assert (await world.pace.hold(partial.subject)) is not None


async def test_an_approval_that_nobody_heard_of_opens_nothing_then():
    world, partial, challenge = await asked()
    world.provider.approve(challenge.reference)
    await run_out(world)
    assert (await world.show(partial, challenge)).status is Status.EXPIRED
    with pytest.raises(ApprovalExpired):
        await world.receipt(partial)
    assert disavowed(world) == set()


async def test_three_wrong_numbers_do_not_hide_what_the_phone_says_to_them():
    world, partial, challenge = await asked(push_binding="prompt")
    for wrong in ("000000", "000001", "000002"):
        with pytest.raises(Refusal):
            await world.answer(partial, challenge, wrong)
    world.provider.deny(challenge.reference)
    await run_out(world)
    assert disavowed(world) == {challenge.id}


async def test_the_end_is_written_down_though_nobody_looks():
    world, _, challenge = await asked()
    await run_out(world)
    assert world.challenges.stored[challenge.login, challenge.id].status is Status.EXPIRED
    assert world.provider.calls.count("read_push") == 1
    assert world.ends.due == {}


async def test_nothing_is_read_before_the_end_and_nothing_twice():
    world, _, _ = await asked()
    await run_out(world, seconds=121)
    assert "read_push" not in world.provider.calls
    for _ in range(3):
        await run_out(world, seconds=20)
    assert world.provider.calls.count("read_push") == 1


@pytest.mark.parametrize("button", ["approve", "deny"])
async def test_what_the_phone_has_said_to_us_is_not_asked_again(button):
    world, _, challenge = await asked()
    await getattr(world, button)(challenge)
    await run_out(world)
    assert "read_push" not in world.provider.calls
    assert world.ends.due == {}


async def test_what_was_taken_back_is_no_question_any_more():
    world, partial, challenge = await asked()
    await world.cancel(partial, challenge)
    world.provider.deny(challenge.reference)
    await run_out(world)
    assert disavowed(world) == set()


async def test_a_vendor_that_is_away_is_asked_later():
    world, _, challenge = await asked()
    world.provider.fail("read_push", ProviderUnavailable(), times=1)
    world.provider.deny(challenge.reference)
    await run_out(world)
    assert disavowed(world) == set()
    await run_out(world, seconds=15)
    assert disavowed(world) == {challenge.id}


async def test_a_challenge_that_is_forgotten_is_let_go():
    world, _, _ = await asked()
    world.challenges.stored.clear()
    await run_out(world)
    assert world.ends.due == {}
    assert "read_push" not in world.provider.calls
