"""An approval becomes one receipt, for the partial token that asked, within its time."""

import asyncio
from dataclasses import replace

import pytest

from services.twofactor.model.challenge import Status
from services.twofactor.model.errors import AccessDenied, ApprovalExpired, NotApprovedYet, NothingToConfirm
from services.twofactor.model.events import What
from services.twofactor.model.factor import Phone
from tests.fakes.clock import FakeClock
from tests.fakes.twofactor_world import TwoFactor


async def approved(**settings):
    world = TwoFactor(**settings)
    partial = await world.person()
    challenge = await world.open(partial)
    await world.approve(challenge)
    return world, partial, challenge


async def test_a_receipt_tells_who_what_how_and_until_when():
    world, partial, challenge = await approved()
    issued = await world.receipt(partial)
    facts = world.receipts.rows[challenge.id]
    assert (facts.user, facts.login, facts.partial_id) == (partial.subject, partial.login, partial.id)
    assert facts.amr == ("pwd", "swk", "mca", "mfa")
    assert (issued.expires_at - facts.issued_at).total_seconds() == 60
    assert facts == world.signer.signed[0]


async def test_what_was_approved_and_what_was_not_is_on_record():
    world, partial, challenge = await approved()
    await world.receipt(partial)
    await world.receipt(partial)
    issued = [event for event in world.events.all if event.what is What.RECEIPT_ISSUED]
    assert [(event.user, event.challenge, event.channel) for event in issued] == [
        (partial.subject, challenge.id, "push")
    ]
    login = world.partial(partial.subject)
    denied = await world.open(login)
    await world.deny(denied, proof="another")
    with pytest.raises(AccessDenied):
        await world.receipt(login)
    told = world.events.all[-1]
    assert (told.what, told.login, told.reason) == (What.RECEIPT_REFUSED, login.login, "denied")


class Ticking(FakeClock):
    """Time that goes on while it is looked at."""

    def __call__(self):
        self.advance(seconds=0.7)
        return super().__call__()


async def test_what_is_signed_is_what_is_recorded_and_told_though_time_goes_on():
    for _ in range(5):
        world = TwoFactor(clock=Ticking())
        partial = await world.person()
        await world.approve(await world.open(partial))
        issued = await world.receipt(partial)
        (recorded,) = world.receipts.rows.values()
        assert [recorded] == world.signer.signed
        assert recorded.expires_at == issued.expires_at


async def test_a_lost_answer_is_had_again_within_its_life_and_not_after():
    world, partial, _ = await approved()
    issued = await world.receipt(partial)
    world.clock.advance(seconds=59)
    assert await world.receipt(partial) == issued
    world.clock.advance(seconds=1)
    with pytest.raises(NothingToConfirm):
        await world.receipt(partial)
    assert len(world.signer.signed) == 1


async def test_fifty_that_ask_at_once_get_one_receipt():
    world, partial, _ = await approved()
    issued = await asyncio.gather(*(world.receipt(partial) for _ in range(50)))
    assert len({one.text for one in issued}) == 1
    assert len(world.receipts.rows) == 1


async def test_an_approval_nobody_used_in_a_minute_is_over():
    world, partial, challenge = await approved()
    world.clock.advance(seconds=60)
    with pytest.raises(ApprovalExpired):
        await world.receipt(partial)
    expired = await world.show(partial, challenge)
    assert (expired.status, expired.reason, expired.receipt) == (Status.EXPIRED, "not_used", "")


async def test_when_it_cannot_be_recorded_nobody_has_it_and_a_retry_gets_the_same():
    world, partial, _ = await approved()
    world.receipts.broken = ConnectionError("PostgreSQL is away")
    with pytest.raises(ConnectionError):
        await world.receipt(partial)
    assert world.receipts.rows == {}
    world.receipts.broken = None
    issued = await world.receipt(partial)
    assert issued.text == "receipt 1 for " + next(iter(world.receipts.rows))


async def test_why_there_is_none():
    world = TwoFactor()
    partial = await world.person()
    with pytest.raises(NothingToConfirm):
        await world.receipt(partial)
    first = await world.open(partial)
    with pytest.raises(NotApprovedYet):
        await world.receipt(partial)
    await world.cancel(partial, first)
    with pytest.raises(NothingToConfirm):
        await world.receipt(partial)
    await world.open(partial, "sms")
    world.clock.advance(seconds=120)
    with pytest.raises(ApprovalExpired):
        await world.receipt(partial)
    await world.deny(await world.open(partial))
    with pytest.raises(AccessDenied):
        await world.receipt(partial)


async def test_a_later_password_does_not_ride_on_yesterdays_approval():
    """The sample kept "approved" on the user and never took it back."""
    world, partial, _ = await approved()
    await world.receipt(partial)
    with pytest.raises(NothingToConfirm):
        await world.receipt(world.partial(partial.subject))


@pytest.mark.parametrize("facts", ["id", "subject"])
async def test_another_token_of_the_same_login_gets_nothing(facts):
    world, partial, _ = await approved()
    with pytest.raises(NothingToConfirm):
        await world.receipt(replace(partial, **{facts: world.new_id()}))


async def test_a_phone_that_was_removed_meanwhile_lets_nobody_in():
    world, partial, challenge = await approved()
    await world.enrol_another(world.session(partial.subject), Phone(44, "7700900456"))
    await world.remove(world.session(partial.subject), challenge.factor_id)
    with pytest.raises(AccessDenied):
        await world.receipt(partial)


async def test_the_channel_that_worked_is_offered_first_next_time():
    world = TwoFactor()
    partial = await world.person()
    challenge = await world.open(partial, "sms")
    await world.answer(partial, challenge, world.provider.last_code(challenge.account))
    await world.receipt(partial)
    factors = await world.factors(partial.subject)
    assert [f["channel"] for f in factors if f["preferred"]] == ["sms"]
