"""What the vendor says of a push, believed for the request that we made and no other."""

from dataclasses import replace

import pytest

from services.twofactor.model.challenge import Status
from services.twofactor.model.errors import (
    CallbackMismatch,
    ChallengeClosed,
    ChallengeUnknown,
    ForgedCallback,
    NotApprovedYet,
    ReplayedCallback,
)
from services.twofactor.model.provider import PushStatus
from tests.fakes.provider import fake_callback
from tests.fakes.twofactor_world import TwoFactor


async def asked(channel="push"):
    world = TwoFactor()
    partial = await world.person()
    return world, partial, await world.open(partial, channel)


async def test_deny_on_the_phone_denies():
    world, partial, challenge = await asked()
    await world.deny(challenge)
    denied = await world.show(partial, challenge)
    assert (denied.status, denied.reason) == (Status.DENIED, "declined")


async def test_a_replayed_callback_is_refused_and_changes_nothing():
    world, partial, challenge = await asked()
    await world.approve(challenge)
    with pytest.raises(ReplayedCallback):
        await world.approve(challenge)
    assert (await world.show(partial, challenge)).status is Status.APPROVED


async def test_the_vendors_retry_after_our_failure_succeeds():
    """We fell over after the transition and before remembering: the very same callback comes again."""
    world, partial, challenge = await asked()
    world.seen.broken = ConnectionError("the store went away")
    with pytest.raises(ConnectionError):
        await world.approve(challenge)
    world.seen.broken = None
    await world.approve(challenge)
    assert (await world.show(partial, challenge)).status is Status.APPROVED
    with pytest.raises(ReplayedCallback):
        await world.approve(challenge)


async def test_the_same_answer_signed_again_is_the_same():
    world, partial, challenge = await asked()
    await world.approve(challenge, proof="first")
    await world.approve(challenge, proof="second")
    assert [status for _, status, _ in world.challenges.announced] == ["approved"]
    assert (await world.receipt(partial)).text


@pytest.mark.parametrize("status", ["denied", "expired", "cancelled", "consumed"])
async def test_approve_after_the_end_opens_nothing_and_alarms_nobody(status):
    world, partial, challenge = await asked()
    match status:
        case "denied":
            await world.deny(challenge)
        case "expired":
            world.clock.advance(seconds=120)
        case "cancelled":
            await world.cancel(partial, challenge)
        case "consumed":
            await world.approve(challenge)
            await world.receipt(partial)
    answer = replace(world.provider.answer_of(challenge.reference), status=PushStatus.APPROVED)
    await world.callback(answer, proof="late")
    assert (await world.show(partial, challenge)).status == status
    with pytest.raises(ReplayedCallback):
        await world.callback(answer, proof="late")


async def test_deny_after_approve_is_too_late():
    world, partial, challenge = await asked()
    await world.approve(challenge)
    answer = replace(world.provider.answer_of(challenge.reference), status=PushStatus.DENIED)
    await world.callback(answer, proof="another")
    assert (await world.show(partial, challenge)).status is Status.APPROVED


@pytest.mark.parametrize("status", [PushStatus.PENDING, PushStatus.EXPIRED])
async def test_a_callback_without_news_changes_nothing(status):
    world, partial, challenge = await asked()
    await world.callback(replace(world.provider.answer_of(challenge.reference), status=status))
    assert (await world.show(partial, challenge)).status is Status.PHONE_MISSING


@pytest.mark.parametrize("facts", [{"account": "4711"}, {"reference": "00000000-0000-4000-8000-00000000dead"}])
async def test_another_account_or_another_request_approves_nothing(facts):
    world, partial, challenge = await asked()
    approved = replace(world.provider.answer_of(challenge.reference), status=PushStatus.APPROVED, **facts)
    with pytest.raises(CallbackMismatch):
        await world.callback(approved)
    assert (await world.show(partial, challenge)).status is Status.PHONE_MISSING
    with pytest.raises(NotApprovedYet):
        await world.receipt(partial)


@pytest.mark.parametrize("hidden", [{}, {"challenge": "x"}, {"login": "x"}, {"challenge": "\x00", "login": "}:open"}])
async def test_a_callback_for_nothing_of_ours_is_for_nothing(hidden):
    world, _, challenge = await asked()
    with pytest.raises(ChallengeUnknown):
        await world.callback(replace(world.provider.answer_of(challenge.reference), hidden_details=hidden))


async def test_a_challenge_that_was_asked_by_text_is_not_approved_by_a_push():
    world, partial, challenge = await asked("sms")
    with pytest.raises(CallbackMismatch):
        await world.callback(world.answer_to(challenge, "00000000-0000-4000-8000-000000000001"))
    assert (await world.show(partial, challenge)).status is Status.CODE_MISSING


async def test_a_forged_callback_changes_nothing():
    world, partial, challenge = await asked()
    world.provider.approve(challenge.reference)
    _, body = fake_callback(world.provider.answer_of(challenge.reference))
    with pytest.raises(ForgedCallback):
        await world.app_callback(headers={}, body=body)
    assert (await world.show(partial, challenge)).status is Status.PHONE_MISSING


async def test_an_approval_of_one_login_does_not_carry_another():
    """The sample kept the approval on the user: whoever had the password and polled at the same time rode along."""
    world, partial, challenge = await asked()
    attacker = world.partial(partial.subject)
    theirs = await world.open(attacker, "sms")
    await world.approve(challenge)
    assert (await world.show(attacker, theirs)).status is Status.CODE_MISSING
    with pytest.raises(NotApprovedYet):
        await world.receipt(attacker)
    with pytest.raises(ChallengeUnknown):
        await world.show(attacker, challenge)


async def test_cancel_is_idempotent_and_too_late_after_a_decision():
    world, partial, challenge = await asked()
    await world.cancel(partial, challenge)
    await world.cancel(partial, challenge)
    cancelled = await world.show(partial, challenge)
    assert (cancelled.status, cancelled.reason) == (Status.CANCELLED, "person_cancelled")
    again = await world.open(partial)
    await world.approve(again)
    with pytest.raises(ChallengeClosed):
        await world.cancel(partial, again)
