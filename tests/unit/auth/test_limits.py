"""The table: what it lets through in the long run, and to whom."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chassis.limits import Away, Count
from services.auth.model.errors import InvalidGrant, TooManyAttempts
from services.auth.model.limits import Amounts, limits
from services.auth.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.limits import FakeLimiter
from tests.unit.auth.conftest import HERE, PASSWORD, House

LIMITS = limits(Amounts.of(Settings.model_construct()))
DAY = timedelta(days=1)


async def let_through(count: Count, *, every: timedelta, during: timedelta) -> int:
    """How many tries of somebody who tries so often are counted, and not sent away."""
    clock = FakeClock()
    limiter, end, through = FakeLimiter(clock), clock() + during, 0
    while clock() < end:
        take = await limiter.take(count)
        through += not take.refused
        clock.now += max(every, take.wait)
    return through


async def test_a_botnet_gets_a_hundred_guesses_a_day_at_one_account() -> None:
    account = LIMITS.login_account.by("eve")
    assert await let_through(account, every=timedelta(seconds=1), during=DAY) == 100


async def test_one_machine_gets_thirty_guesses_a_day_at_one_account() -> None:
    pair = LIMITS.login_pair.by("eve", "here")
    assert await let_through(pair, every=timedelta(seconds=1), during=DAY) == 30


async def test_a_company_whose_people_mistype_all_day_is_not_locked_out() -> None:
    network = LIMITS.login_network.by("here")
    assert await let_through(network, every=timedelta(seconds=90), during=DAY) == 960


def test_whatever_guards_a_secret_refuses_when_it_cannot_count() -> None:
    guarding = [LIMITS.login_network, LIMITS.login_pair, LIMITS.login_account, LIMITS.login_device]
    assert {limit.away for limit in [*guarding, LIMITS.confirm_session]} == {Away.REFUSE}


def test_every_limit_stands_under_its_own_name_with_its_reasons() -> None:
    for limit in LIMITS:
        assert getattr(LIMITS, limit.name) is limit
        assert limit.of
        assert limit.reason
        assert limit.away_reason
        assert limit.windows
        lengths = [window.length for window in limit.windows]
        assert lengths == sorted(set(lengths))


@pytest.fixture
def addresses() -> Iterator[str]:
    return (f"person{number}@example.com" for number in range(1000))


async def test_a_flood_of_registrations_from_one_network_is_stopped(house: House, addresses: Iterator[str]) -> None:
    for _ in range(30):
        await house.account(next(addresses))
    hashes = house.passwords.hashes
    with pytest.raises(TooManyAttempts) as refused:
        await house.account(next(addresses))
    assert refused.value.retry_after
    assert house.passwords.hashes == hashes
    assert house.limiter.reached == ["register_network-3600"]


async def test_a_flood_of_registrations_from_a_botnet_is_stopped(house: House, addresses: Iterator[str]) -> None:
    for network in range(40):
        await house.register(next(addresses), PASSWORD, type(HERE)(f"203.0.113.{network}"))
    with pytest.raises(TooManyAttempts):
        await house.account(next(addresses))
    assert house.limiter.reached == ["register_everybody"]


async def test_a_program_that_signs_in_over_and_over_is_told_to_wait(house: House) -> None:
    login = await house.account()
    for _ in range(120):
        await house.exchange(await house.ask(await house.login("eve@example.com", PASSWORD, HERE)))
    late = await house.ask(login)
    with pytest.raises(TooManyAttempts):
        await house.exchange(late)
    house.clock.advance(minutes=63)
    assert await house.exchange(late), "nothing was spent by being told to wait"


async def test_a_session_that_refreshes_in_a_loop_is_told_to_wait_and_goes_on(house: House) -> None:
    grant = await house.session()
    for _ in range(120):
        grant = await house.refresh(house.refreshing(grant))
    with pytest.raises(TooManyAttempts):
        await house.refresh(house.refreshing(grant))
    house.clock.advance(seconds=63)
    assert await house.refresh(house.refreshing(grant))


async def test_open_sessions_go_on_while_nothing_can_be_counted(house: House) -> None:
    grant = await house.session()
    house.limiter.broken = ConnectionError("away")
    assert await house.refresh(house.refreshing(grant))


async def test_refused_tokens_are_counted_and_good_ones_never_turned_away_for_them(house: House) -> None:
    for _ in range(300):
        with pytest.raises(InvalidGrant):
            async with house.pace.refusals("203.0.113.1"):
                raise InvalidGrant
    with pytest.raises(TooManyAttempts):
        async with house.pace.refusals("203.0.113.1"):
            raise InvalidGrant
    async with house.pace.refusals("203.0.113.1"):
        pass
    with pytest.raises(InvalidGrant):
        async with house.pace.refusals(""):
            raise InvalidGrant
