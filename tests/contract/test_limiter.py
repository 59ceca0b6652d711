"""The limiter: memory and Valkey give the same answers, and none lets more through than a window's amount."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from chassis.limiter import SLICES, ValkeyLimiter
from chassis.limits import Away, Count, Limit, Limiter, Standing, Window
from tests.fakes.clock import FakeClock
from tests.fakes.limits import FakeLimiter

MINUTE = timedelta(minutes=1)


def limit(name: str, *windows: tuple[int, timedelta], away: Away = Away.REFUSE, alarm: float | None = None) -> Limit:
    return Limit(name, "tests", tuple(Window(*window) for window in windows), "", away, "", alarm=alarm)


STRICT = limit("strict", (3, MINUTE), (5, 60 * MINUTE))
WIDE = limit("wide", (8, 60 * MINUTE))
LENIENT = limit("lenient", (3, MINUTE), away=Away.ALLOW)
NEAR = limit("near", (10, MINUTE), alarm=0.8)


@dataclass
class Given:
    limiter: Limiter
    clock: FakeClock

    async def taken(self, times: int, *counts: Count) -> int:
        return [bool((await self.limiter.take(*counts)).refused) for _ in range(times)].count(False)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 2, 3, 4, random.randint(0, 59), tzinfo=UTC))


@pytest.fixture
def owner() -> str:
    return f"owner-{random.getrandbits(64)}"


@pytest.fixture(params=["memory", "valkey"])
async def given(request: pytest.FixtureRequest, clock: FakeClock) -> AsyncIterator[Given]:
    if request.param == "memory":
        yield Given(FakeLimiter(clock), clock)
        return
    async with Redis.from_url(request.getfixturevalue("valkey_url")) as client:
        yield Given(ValkeyLimiter(client, "tests", b"a key", clock), clock)


async def test_the_amount_is_let_through_and_no_more(given: Given, owner: str) -> None:
    assert await given.taken(10, STRICT.by(owner)) == 3


async def test_a_burst_of_a_hundred_is_the_amount(given: Given, owner: str) -> None:
    takes = await asyncio.gather(*(given.limiter.take(STRICT.by(owner), WIDE.by(owner)) for _ in range(100)))
    assert [bool(take.refused) for take in takes].count(False) == 3


async def test_no_stretch_of_a_window_s_length_ever_holds_more(given: Given, owner: str) -> None:
    """The burst at a border, which fixed windows let through twice."""
    let_through: list[datetime] = []
    for _ in range(400):
        if not (await given.limiter.take(WIDE.by(owner))).refused:
            let_through.append(given.clock())
        given.clock.advance(seconds=random.choice([0, 1, 20, 61, 600]))
    hour = timedelta(hours=1)
    assert max(sum(at <= other < at + hour for other in let_through) for at in let_through) == 8


async def test_when_it_says_that_there_is_more_there_is(given: Given, owner: str) -> None:
    await given.taken(3, STRICT.by(owner))
    wait = (await given.limiter.take(STRICT.by(owner))).wait
    assert MINUTE <= wait <= MINUTE + MINUTE / SLICES
    given.clock.advance(seconds=(wait - timedelta(milliseconds=1)).total_seconds())
    assert await given.taken(1, STRICT.by(owner)) == 0
    given.clock.advance(seconds=0.001)
    assert await given.taken(3, STRICT.by(owner)) == 2, "the longer window has five"


async def test_what_is_refused_is_not_counted(given: Given, owner: str) -> None:
    await given.taken(50, STRICT.by(owner))
    given.clock.advance(seconds=63)
    assert await given.taken(5, STRICT.by(owner)) == 2


async def test_all_or_none_of_one_owner(given: Given, owner: str) -> None:
    await given.taken(10, STRICT.by(owner, "here"), WIDE.by(owner))
    assert await given.taken(10, WIDE.by(owner)) == 5


async def test_all_or_none_of_several_owners(given: Given, owner: str) -> None:
    await given.taken(3, STRICT.by(owner))
    assert await given.taken(10, WIDE.by(f"{owner} else"), STRICT.by(owner)) == 0
    assert await given.taken(10, WIDE.by(f"{owner} else")) == 8


async def test_owners_and_details_are_counted_apart(given: Given, owner: str) -> None:
    await given.taken(5, STRICT.by(owner, "here"))
    assert await given.taken(5, STRICT.by(owner, "there")) == 3
    assert await given.taken(5, STRICT.by(f"{owner} else", "here")) == 3


async def test_what_is_given_back_is_free_again(given: Given, owner: str) -> None:
    take = await given.limiter.take(STRICT.by(owner))
    await given.taken(2, STRICT.by(owner))
    given.clock.advance(seconds=10)
    await given.limiter.give_back(*take.counts, at=take.at)
    assert await given.taken(5, STRICT.by(owner)) == 1


async def test_giving_back_what_was_never_taken_frees_nothing(given: Given, owner: str) -> None:
    for _ in range(5):
        await given.limiter.give_back(STRICT.by(owner), at=given.clock())
    assert await given.taken(10, STRICT.by(owner)) == 3
    await given.limiter.give_back(STRICT.by(owner), at=given.clock() - 90 * MINUTE)
    assert await given.taken(10, STRICT.by(owner)) == 0


async def test_what_is_cleared_starts_afresh(given: Given, owner: str) -> None:
    await given.taken(5, STRICT.by(owner), WIDE.by(owner))
    await given.limiter.clear(STRICT.by(owner), WIDE.by(owner))
    assert await given.taken(5, STRICT.by(owner)) == 3


async def test_another_process_s_clock_is_believed_a_little(given: Given, owner: str) -> None:
    """Clocks differ: what one that is ahead has counted, one that is behind counts as well."""
    await given.taken(3, STRICT.by(owner))
    given.clock.advance(seconds=-30)
    assert await given.taken(3, STRICT.by(owner)) == 0


async def test_a_lower_amount_after_a_restart_waits_for_as_many_as_are_too_many(given: Given, owner: str) -> None:
    for _ in range(6):
        await given.taken(1, WIDE.by(owner))
        given.clock.advance(minutes=3)
    lower = limit("wide", (2, 60 * MINUTE))
    wait = (await given.limiter.take(lower.by(owner))).wait
    given.clock.advance(seconds=wait.total_seconds())
    assert await given.taken(2, lower.by(owner)) == 1


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_memory_and_valkey_say_the_same(valkey_url: str, seed: int, owner: str) -> None:
    chance, clock = random.Random(seed), FakeClock()
    async with Redis.from_url(valkey_url) as client:
        memory, valkey = FakeLimiter(clock), ValkeyLimiter(client, "tests", b"a key", clock)
        choices = [[STRICT.by(owner)], [WIDE.by(owner)], [STRICT.by(owner, "x"), WIDE.by(owner)]]
        for _ in range(150):
            clock.advance(seconds=chance.choice([0, 0, -1, 1, 29, 61, 200, 700, 4000]))
            counts, at = chance.choice(choices), clock() - timedelta(seconds=chance.choice([0, 5, 100]))
            if chance.random() < 0.8:
                one, other = await memory.take(*counts), await valkey.take(*counts)
                assert (one.refused, one.wait) == (other.refused, other.wait)
            else:
                await memory.give_back(*counts, at=at)
                await valkey.give_back(*counts, at=at)


async def test_every_key_goes_by_itself_and_names_nobody(valkey_url: str, clock: FakeClock, owner: str) -> None:
    async with Redis.from_url(valkey_url) as client:
        prefix = f"tests-{owner}"
        await ValkeyLimiter(client, prefix, b"a key", clock).take(STRICT.by(owner, "here"), WIDE.by(owner))
        keys = [key async for key in client.scan_iter(f"{prefix}:*")]
        names = [key.removeprefix(prefix.encode()) for key in keys]
        assert len(keys) == 3
        assert all([0 < await client.pttl(key) <= 3750_000 for key in keys])
        assert not any(owner.encode() in name or b"here" in name for name in names)
        assert len({name[name.index(b"{") : name.index(b"}")] for name in names}) == 1


async def test_an_alarm_comes_once_before_anybody_is_refused(valkey_url: str, clock: FakeClock, owner: str) -> None:
    heard: list[tuple[str, int]] = []

    def notice(what: str, standing: Standing) -> None:
        heard.append((what, standing.left))

    async with Redis.from_url(valkey_url) as client:
        limiter = ValkeyLimiter(client, "tests", b"a key", clock, notice)
        for _ in range(12):
            await limiter.take(NEAR.by(owner))
    assert heard == [("limit_near", 2), ("limit_reached", 0), ("limit_reached", 0)]


async def test_while_valkey_is_away_each_limit_does_what_its_row_says(clock: FakeClock, owner: str) -> None:
    async with Redis.from_url("redis://127.0.0.1:1") as nobody:
        limiter = ValkeyLimiter(nobody, "tests", b"a key", clock)
        assert not (await limiter.take(LENIENT.by(owner))).refused
        with pytest.raises(RedisError):
            await limiter.take(LENIENT.by(owner), STRICT.by(owner))
        await limiter.give_back(STRICT.by(owner), at=clock())
