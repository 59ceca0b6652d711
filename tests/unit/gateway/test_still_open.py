"""A session that was ended is refused; what is done while nobody tells is the operator's choice."""

import asyncio
from datetime import timedelta

import pytest

from gateway.flows.still_open import StillOpen
from gateway.model.access import RevocationsUnknown, SessionEnded
from gateway.model.identity import Identity
from gateway.model.revocation import Without
from tests.fakes.clock import FakeClock
from tests.fakes.gateway_ended import FakeEnded, FakeSessionCheck

CLOCK = FakeClock()
EVE = Identity("eve", "s-1", "aal2", ("pwd",), CLOCK(), CLOCK() + timedelta(minutes=5))
BILLING = Identity("billing", "", "", (), CLOCK(), CLOCK() + timedelta(minutes=5), "billing", is_client=True)


@pytest.mark.parametrize("without", list(Without))
async def test_an_ended_session_is_refused_whatever_else_is_known(without: Without) -> None:
    for is_current in (True, False):
        ended = FakeEnded(is_current=is_current, sessions={"s-1"})
        with pytest.raises(SessionEnded):
            await StillOpen(ended, FakeSessionCheck(), without, CLOCK).require(EVE, "t")


@pytest.mark.parametrize("without", list(Without))
async def test_nobody_is_asked_while_the_list_is_kept_up_to_date(without: Without) -> None:
    check = FakeSessionCheck()
    await StillOpen(FakeEnded(), check, without, CLOCK).require(EVE, "t")
    assert check.asked == []


async def test_without_the_list_the_setting_decides() -> None:
    away, check = FakeEnded(is_current=False), FakeSessionCheck()
    await StillOpen(away, check, Without.ACCEPT, CLOCK).require(EVE, "t")
    with pytest.raises(RevocationsUnknown):
        await StillOpen(away, check, Without.REFUSE, CLOCK).require(EVE, "t")
    assert check.asked == []
    await StillOpen(away, check, Without.INTROSPECT, CLOCK).require(EVE, "t")
    assert check.asked == ["t"]


async def test_auths_word_holds_for_half_a_second() -> None:
    clock, check = FakeClock(), FakeSessionCheck()
    asking = StillOpen(FakeEnded(is_current=False), check, Without.INTROSPECT, clock)
    await asyncio.gather(*(asking.require(EVE, "t") for _ in range(20)))
    await asking.require(EVE, "t")
    assert check.asked == ["t"]
    clock.advance(seconds=0.5)
    check.closed.add("t")
    with pytest.raises(SessionEnded):
        await asking.require(EVE, "t")
    check.away = True
    with pytest.raises(RevocationsUnknown):
        await asking.require(EVE, "t")


async def test_a_service_has_no_session_that_could_end() -> None:
    for without in Without:
        await StillOpen(FakeEnded(is_current=False), FakeSessionCheck(), without, CLOCK).require(BILLING, "t")
