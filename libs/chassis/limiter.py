"""Limits in Valkey: sliding windows, each a small hash that goes by itself.

All that one try counts in is one script. In a Cluster only counts of one owner are: they share a hash slot. Those of
several owners are several steps there: what was counted is given back if a later one has no room. In between a try of
somebody else may be refused for nothing; none is let through for nothing. That is the most that a cluster allows.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Generator, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError

from chassis.asked import Asked, side_by_side
from chassis.clock import Clock
from chassis.limit_notices import NEAR, REACHED, Notice, log_notice
from chassis.limits import Away, Count, Standing, Take, Window, by_owner
from chassis.standings import tell
from chassis.valkey_asking import Script

log = structlog.get_logger()
# A window's own precision: a try is forgotten at most this part of the window too late, and never too early.
SLICES = 24
MILLISECOND = timedelta(milliseconds=1)
# Where a limit lets pass what cannot be counted, nobody waits for the counting as long as for an answer that matters.
PATIENCE = 0.3
_HERE = Path(__file__).parent
_AWAY = (RedisError, OSError, asyncio.TimeoutError)


class ValkeyLimiter:
    """Implements `Limiter`. `prefix`: of all keys, the service's. `key` blinds owners: Valkey shows nobody's name."""

    def __init__(self, client: Redis, prefix: str, key: bytes, clock: Clock, notice: Notice = log_notice) -> None:
        self.client, self.prefix, self.key, self.clock, self.notice = client, prefix, key, clock, notice
        self.run_take = Script(client, (_HERE / "limiter.lua").read_text())
        self.run_return = Script(client, (_HERE / "limiter_return.lua").read_text())
        self.is_cluster = isinstance(client, RedisCluster)

    def take(self, *counts: Count) -> Awaitable[Take]:
        """Counts one try in all of `counts`, or in none: on its way when this returns."""
        if any(count.limit.away is Away.REFUSE for count in counts):
            return self._taken(counts)
        return self._taken_if_it_can_be(counts)

    def give_back(self, *counts: Count, at: datetime) -> Awaitable[None]:
        """Takes back what was counted `at` that moment; a failure leaves a try counted that was none."""
        steps = []
        for group in self._steps(counts):
            slices = [_milliseconds(at) // _slice(window) for count in group for window in count.limit.windows]
            steps.append(self.run_return(self._keys(group), slices))
        return _Quietly(steps)

    async def clear(self, *counts: Count) -> None:
        """Forgets everything."""
        for group in by_owner(counts):
            await self.client.unlink(*self._keys(group))

    async def _taken_if_it_can_be(self, counts: tuple[Count, ...]) -> Take:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._taken(counts)
        except _AWAY as away:
            log.warning("limit_not_counted", limits=[count.limit.name for count in counts], kind=type(away).__name__)
            return Take((), self.clock())

    def _taken(self, counts: tuple[Count, ...]) -> Awaitable[Take]:
        now, steps = self.clock(), self._steps(counts)
        return self._in_one_step(counts, now) if len(steps) == 1 else side_by_side(self._step_by_step(steps, now))

    def _steps(self, counts: tuple[Count, ...]) -> list[tuple[Count, ...]]:
        return list(by_owner(counts)) if self.is_cluster else [counts]

    async def _step_by_step(self, steps: Sequence[tuple[Count, ...]], now: datetime) -> Take:
        taken: list[Count] = []
        for group in steps:
            take = await self._in_one_step(group, now)
            if take.refused:
                await self.give_back(*taken, at=now)
                return take
            taken += group
        return Take(tuple(taken), now)

    def _in_one_step(self, counts: tuple[Count, ...], now: datetime) -> Awaitable[Take]:
        numbers = [number for count in counts for window in count.limit.windows for number in _numbers(window)]
        answer = self.run_take(self._keys(counts), [_milliseconds(now), SLICES, *numbers])
        return Asked(answer, lambda said: self._read(counts, now, said))

    def _read(self, counts: tuple[Count, ...], now: datetime, said: list[int]) -> Take:
        windows = [(count, window) for count in counts for window in count.limit.windows]
        found = [
            (count, Standing(count.limit, window, left, more * MILLISECOND))
            for (count, window), left, more in zip(windows, said[1::2], said[2::2], strict=True)
        ]
        if not said[0]:
            return Take((), now, self._refused(found))
        self._admitted([standing for _, standing in found])
        return Take(counts, now)

    def _refused(self, found: Sequence[tuple[Count, Standing]]) -> tuple[Standing, ...]:
        full = [(count.owner, standing) for count, standing in found if standing.left == 0]
        # Of one owner: in a Cluster nobody has looked at the others then.
        refused = tuple(standing for owner, standing in full if owner == full[0][0])
        for standing in refused:
            self.notice(REACHED, standing)
        tell(refused, is_refusal=True)
        return refused

    def _admitted(self, standings: Iterable[Standing]) -> None:
        for standing in standings:
            share, amount = standing.limit.alarm, standing.window.amount
            # Exactly there, so that one crossing is one event.
            if share is not None and standing.left == amount - round(amount * share):
                self.notice(NEAR, standing)
        tell(standings)

    def _keys(self, counts: Iterable[Count]) -> list[str]:
        return [name for count in counts for name in self._names(count)]

    def _names(self, count: Count) -> list[str]:
        stem = f"{self.prefix}:limits:{{{self._blind(count.owner)}}}:{count.limit.name}"
        detail = self._blind(count.detail)
        return [f"{stem}:{window.seconds}:{detail}" for window in count.limit.windows]

    def _blind(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=self.key, digest_size=12).hexdigest() if text else ""


class _Quietly:
    """Steps on their way; nobody hears of their faults."""

    __slots__ = ("steps",)

    def __init__(self, steps: Sequence[Awaitable[Any]]) -> None:
        self.steps = steps

    def __await__(self) -> Generator[Any, None, None]:
        for step in self.steps:
            with suppress(*_AWAY):
                yield from step.__await__()


def _numbers(window: Window) -> tuple[int, int]:
    return window.amount, _slice(window)


def _slice(window: Window) -> int:
    # Rounded up: a window that were a few milliseconds short would hold more than its amount.
    return -(-window.milliseconds // SLICES)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
