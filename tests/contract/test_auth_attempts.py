"""Tallies of tries: memory (the rule of model/lockout.py) and Valkey (a script) give the same answers."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from services.auth.model.lockout import Counter, Limit
from services.auth.ports import Attempts
from services.auth.store.attempts import ValkeyAttempts
from tests.fakes.auth_stores import FakeAttempts

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)
STRICT = Limit("pair", 3, 30 * SECOND, 120 * SECOND, 600 * SECOND)
WIDE = Limit("account", 5, 60 * SECOND, 3600 * SECOND, 3600 * SECOND)
HERE, THERE, ACCOUNT = Counter(STRICT, "eve", "here"), Counter(STRICT, "eve", "there"), Counter(WIDE, "eve")


@pytest.fixture(params=["memory", "valkey"])
async def attempts(request: pytest.FixtureRequest) -> AsyncIterator[Attempts]:
    if request.param == "memory":
        yield FakeAttempts()
        return
    client = Redis.from_url(request.getfixturevalue("valkey_url"))
    yield ValkeyAttempts(client, b"a key")
    await client.aclose()


async def waits(attempts: Attempts, counters: list[Counter], now: datetime, times: int) -> list[float]:
    return [(await attempts.count(counters, now)).total_seconds() for _ in range(times)]


async def test_the_free_tries_are_free_and_then_there_is_a_pause(attempts: Attempts) -> None:
    assert await waits(attempts, [HERE], NOW, 5) == [0, 0, 0, 30, 30]


async def test_each_try_after_a_pause_begins_a_longer_one_up_to_the_longest(attempts: Attempts) -> None:
    await waits(attempts, [HERE], NOW, 3)
    now, pauses = NOW + 30 * SECOND, []
    for _ in range(4):
        assert await attempts.count([HERE], now) == timedelta()
        pauses.append((await attempts.count([HERE], now)).total_seconds())
        now += pauses[-1] * SECOND
    assert pauses == [60, 120, 120, 120]


async def test_impatience_does_not_lengthen_a_pause(attempts: Attempts) -> None:
    await waits(attempts, [HERE], NOW, 3)
    await waits(attempts, [HERE], NOW + 29 * SECOND, 20)
    assert await attempts.count([HERE], NOW + 30 * SECOND) == timedelta()


async def test_all_is_forgotten_after_a_quiet_while(attempts: Attempts) -> None:
    await waits(attempts, [HERE], NOW, 3)
    later = NOW + (30 + 600) * SECOND
    assert await waits(attempts, [HERE], later, 4) == [0, 0, 0, 30]


async def test_a_hundred_tries_at_once_are_no_more_than_the_free_ones(attempts: Attempts) -> None:
    answers = await asyncio.gather(*(attempts.count([HERE, ACCOUNT], NOW) for _ in range(100)))
    assert answers.count(timedelta()) == STRICT.free


async def test_what_one_tally_refuses_is_counted_in_none(attempts: Attempts) -> None:
    await waits(attempts, [HERE, ACCOUNT], NOW, 10)
    # Three of them counted: two more are free for the account from elsewhere.
    assert await waits(attempts, [THERE, ACCOUNT], NOW, 3) == [0, 0, 60]


async def test_the_longest_pause_is_the_one_that_is_told(attempts: Attempts) -> None:
    await waits(attempts, [ACCOUNT], NOW, 5)
    await waits(attempts, [HERE], NOW, 3)
    assert await attempts.count([HERE, ACCOUNT], NOW) == 60 * SECOND


async def test_another_network_and_another_person_have_tallies_of_their_own(attempts: Attempts) -> None:
    await waits(attempts, [HERE], NOW, 4)
    assert await attempts.count([THERE], NOW) == timedelta()
    assert await attempts.count([Counter(STRICT, "bob", "here")], NOW) == timedelta()


async def test_a_clock_that_is_a_little_behind_is_not_taken_for_a_pause(attempts: Attempts) -> None:
    """Another process's clock, or a request that was overtaken on its way."""
    assert await waits(attempts, [HERE], NOW, 1) == [0]
    assert await waits(attempts, [HERE], NOW - SECOND, 1) == [0]
    await attempts.forgive(HERE, NOW)
    assert await waits(attempts, [HERE], NOW - SECOND, 1) == [0]


async def test_a_cleared_tally_starts_afresh(attempts: Attempts) -> None:
    await waits(attempts, [HERE, ACCOUNT], NOW, 4)
    await attempts.clear([HERE, ACCOUNT])
    assert await waits(attempts, [HERE, ACCOUNT], NOW, 4) == [0, 0, 0, 30]


async def test_a_forgiven_try_is_free_again(attempts: Attempts) -> None:
    await waits(attempts, [HERE], NOW, 3)
    await attempts.forgive(HERE, NOW)
    assert await waits(attempts, [HERE], NOW, 2) == [0, 30]


async def test_forgiving_does_not_go_below_nothing(attempts: Attempts) -> None:
    await attempts.forgive(HERE, NOW)
    await attempts.count([HERE], NOW)
    for _ in range(3):
        await attempts.forgive(HERE, NOW)
    assert await waits(attempts, [HERE], NOW, 4) == [0, 0, 0, 30]


async def test_one_forgiven_try_of_many_does_not_lift_the_pause(attempts: Attempts) -> None:
    await waits(attempts, [HERE], NOW, 3)
    later = NOW + 30 * SECOND
    await attempts.count([HERE], later)
    await attempts.forgive(HERE, later)
    assert await attempts.count([HERE], later) == 60 * SECOND


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_memory_and_valkey_say_the_same(valkey_url: str, seed: int) -> None:
    """The rule stands twice, in model/lockout.py and in the script: two hundred random steps on both."""
    chance = random.Random(seed)
    async with Redis.from_url(valkey_url) as client:
        memory, valkey = FakeAttempts(), ValkeyAttempts(client, b"a key")
        now = NOW
        for _ in range(200):
            now += chance.choice([0, 0, -1, 1, 29, 30, 60, 199, 200, 700, 4000]) * SECOND
            counters = chance.choice([[HERE], [ACCOUNT], [HERE, ACCOUNT], [THERE, ACCOUNT]])
            match chance.choice(["count", "count", "count", "count", "forgive", "clear"]):
                case "count":
                    assert await memory.count(counters, now) == await valkey.count(counters, now)
                case "forgive":
                    await memory.forgive(counters[0], now)
                    await valkey.forgive(counters[0], now)
                case _ if chance.random() < 0.2:
                    await memory.clear(counters)
                    await valkey.clear(counters)


async def test_every_key_in_valkey_goes_by_itself_and_names_nobody(valkey_url: str) -> None:
    async with Redis.from_url(valkey_url) as client:
        attempts = ValkeyAttempts(client, b"a key")
        await attempts.count([HERE, ACCOUNT], NOW)
        keys = [key async for key in client.scan_iter()]
        assert len(keys) == 2
        assert all(key.startswith(b"auth:attempts:{") and b"eve" not in key and b"here" not in key for key in keys)
        assert all([0 < await client.pttl(key) <= 3600_000 for key in keys])
        assert len({key[key.index(b"{") : key.index(b"}")] for key in keys}) == 1
