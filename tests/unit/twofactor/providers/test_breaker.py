"""A vendor that is away is left alone, and found again."""

import asyncio
from datetime import timedelta

import pytest

from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import ProviderMisconfigured, ProviderUnavailable, WrongCode
from services.twofactor.providers.breaker import FAILURES, LONGEST, Breaker, Position
from services.twofactor.providers.breaking import BreakingProvider
from tests.fakes.clock import FakeClock
from tests.fakes.provider import FakeProvider


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def breaker(clock: FakeClock) -> Breaker:
    return Breaker("push", clock)


async def meet(breaker: Breaker, refusal: BaseException | None) -> bool:
    """Whether the call was made."""
    made = False
    try:
        async with breaker.call():
            made = True
            if refusal is not None:
                raise refusal
    except BaseException as met:
        if met is not refusal and made:
            raise
    return made


async def fail(breaker: Breaker, times: int) -> int:
    return [await meet(breaker, ProviderUnavailable()) for _ in range(times)].count(True)


async def test_after_some_failures_in_a_row_no_call_is_made(breaker: Breaker) -> None:
    assert await fail(breaker, 50) == FAILURES
    with pytest.raises(ProviderUnavailable) as refused:
        async with breaker.call():
            pytest.fail("made")
    assert refused.value.retry_after == 5


async def test_one_that_works_in_between_begins_anew(breaker: Breaker) -> None:
    for _ in range(10):
        assert await fail(breaker, FAILURES - 1) == FAILURES - 1
        assert await meet(breaker, None)


async def test_after_the_pause_exactly_one_tries(breaker: Breaker, clock: FakeClock) -> None:
    await fail(breaker, FAILURES)
    clock.advance(seconds=5)
    release, made = asyncio.Event(), 0

    async def one() -> None:
        nonlocal made
        async with breaker.call():
            made += 1
            await release.wait()

    calls = [asyncio.create_task(one()) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (made, breaker.position) == (1, Position.TRIAL)
    release.set()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(outcome, ProviderUnavailable) for outcome in outcomes) == 19
    assert breaker.position is Position.CLOSED
    assert await fail(breaker, FAILURES - 1) == FAILURES - 1


async def test_a_trial_that_fails_makes_the_pause_longer_up_to_the_longest(breaker: Breaker, clock: FakeClock) -> None:
    await fail(breaker, FAILURES)
    pauses = []
    for _ in range(6):
        clock.now = breaker.open_until or clock.now
        assert await fail(breaker, 3) == 1
        pauses.append(((breaker.open_until or clock.now) - clock.now).total_seconds())
    assert pauses == [10, 20, 40, 60, 60, 60]
    clock.now += LONGEST
    assert await meet(breaker, None)
    assert breaker.pause == timedelta(seconds=5)


@pytest.mark.parametrize("answer", [WrongCode(), ProviderMisconfigured()])
async def test_what_the_vendor_refuses_is_an_answer(breaker: Breaker, answer: Exception) -> None:
    for _ in range(FAILURES * 2):
        assert await meet(breaker, answer)
    assert breaker.position is Position.CLOSED


async def test_who_gave_up_waiting_counts_as_a_failure_also_on_trial(breaker: Breaker, clock: FakeClock) -> None:
    for _ in range(FAILURES):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0), breaker.call():
                await asyncio.sleep(3600)
    assert breaker.position is Position.OPEN
    clock.advance(seconds=5)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0), breaker.call():
            await asyncio.sleep(3600)
    assert (breaker.position, breaker.is_tried) == (Position.OPEN, False)


async def test_a_vendor_that_names_a_time_is_left_alone_for_so_long(breaker: Breaker, clock: FakeClock) -> None:
    busy = ProviderUnavailable()
    busy.retry_after = 90
    for _ in range(FAILURES):
        await meet(breaker, busy)
    clock.advance(seconds=89)
    assert await fail(breaker, 1) == 0
    clock.advance(seconds=1)
    assert await meet(breaker, None)


async def test_what_was_under_way_when_it_opened_does_not_close_it(breaker: Breaker) -> None:
    async with breaker.call():
        await fail(breaker, FAILURES)
    assert breaker.position is Position.OPEN


async def test_one_kind_of_call_that_fails_leaves_the_others_alone(clock: FakeClock) -> None:
    vendor = FakeProvider()
    provider = BreakingProvider(vendor, clock)
    account = await provider.enrol(email="eve@example.com", country_code=44, number="7700900123")
    vendor.fail("send_code", ProviderUnavailable())
    for _ in range(FAILURES * 2):
        with pytest.raises(ProviderUnavailable):
            await provider.send_code(account, Channel.SMS, binding="x")
    assert vendor.calls.count("send_code") == FAILURES
    assert provider.held() == {Channel.SMS: 5}
    assert provider.readings()["send_sms",] == 1.0
    assert sum(provider.readings().values()) == 1.0


async def test_a_code_that_cannot_be_checked_is_not_offered_to_be_sent(clock: FakeClock) -> None:
    vendor = FakeProvider()
    provider = BreakingProvider(vendor, clock)
    account = await provider.enrol(email="eve@example.com", country_code=44, number="7700900123")
    vendor.fail("require_code", ProviderUnavailable())
    for _ in range(FAILURES):
        with pytest.raises(ProviderUnavailable):
            await provider.require_code(account, "0000000", binding=None)
    assert provider.held().keys() == {Channel.APP, Channel.SMS, Channel.VOICE}
    clock.advance(seconds=5)
    assert not provider.held(), "somebody has to try"
