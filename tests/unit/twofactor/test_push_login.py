"""A login confirmed by a push, told over fakes."""

import pytest

from services.twofactor.model.challenge import Status
from services.twofactor.model.errors import ChallengePending, NotApprovedYet
from tests.fakes.twofactor_world import TwoFactor


async def test_a_person_presses_approve_and_gets_one_receipt():
    world = TwoFactor()
    partial = await world.person()
    challenge = await world.open(partial)
    assert challenge.status is Status.PHONE_MISSING
    assert challenge.delivery == "push"
    with pytest.raises(NotApprovedYet):
        await world.receipt(partial)
    await world.approve(challenge)
    assert (await world.show(partial, challenge)).status is Status.APPROVED
    issued = await world.receipt(partial)
    assert (await world.receipt(partial)) == issued
    assert (await world.show(partial, challenge)).status is Status.CONSUMED
    assert len(world.receipts.rows) == 1
    assert [status for _, status, _ in world.challenges.announced] == ["approved", "consumed"]


async def test_a_login_has_one_open_challenge():
    world = TwoFactor()
    partial = await world.person()
    challenge = await world.open(partial)
    with pytest.raises(ChallengePending) as refused:
        await world.open(partial)
    assert refused.value.members == {"challenge_id": challenge.id}
