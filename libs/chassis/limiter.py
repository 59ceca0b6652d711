"""Limits in Valkey: sliding windows, each a small hash that goes by itself.

Counts of one owner are one script on one hash slot. Counts of several owners are several steps: what was counted is
given back if a later one has no room. In between a try of somebody else may be refused for nothing; none is let through
for nothing. That is the most that a cluster allows.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from chassis.clock import Clock
from chassis.limit_notices import NEAR, REACHED, Notice, log_notice
from chassis.limits import Away, Count, Standing, Take, Window, by_owner
from chassis.standings import tell

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
        self.run_take = client.register_script((_HERE / "limiter.lua").read_text())
        self.run_return = client.register_script((_HERE / "limiter_return.lua").read_text())

    async def take(self, *counts: Count) -> Take:
        """Counts one try in all of `counts`, or in none."""
        if any(count.limit.away is Away.REFUSE for count in counts):
            return await self._take(counts)
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._take(counts)
        except _AWAY as away:
            log.warning("limit_not_counted", limits=[count.limit.name for count in counts], kind=type(away).__name__)
            return Take((), self.clock())

    async def give_back(self, *counts: Count, at: datetime) -> None:
        """Takes back what was counted `at` that moment; a failure leaves a try counted that was none."""
        with suppress(*_AWAY):
            for group in by_owner(counts):
                slices = [_slice_of(at, window) for count in group for window in count.limit.windows]
                await self.run_return(keys=self._keys(group), args=slices)

    async def clear(self, *counts: Count) -> None:
        """Forgets everything."""
        for group in by_owner(counts):
            await self.client.unlink(*self._keys(group))

    async def _take(self, counts: Sequence[Count]) -> Take:
        now = self.clock()
        taken: list[Count] = []
        for group in by_owner(tuple(counts)):
            admitted, standings = await self._take_group(group, now)
            if not admitted:
                await self.give_back(*taken, at=now)
                return Take((), now, self._refused(standings))
            taken += group
            self._admitted(standings)
        return Take(tuple(taken), now)

    async def _take_group(self, group: Sequence[Count], now: datetime) -> tuple[bool, list[Standing]]:
        windows = [(count.limit, window) for count in group for window in count.limit.windows]
        numbers = [number for _, window in windows for number in (window.amount, _slice(window))]
        answer: Any = await self.run_take(keys=self._keys(group), args=[_milliseconds(now), SLICES, *numbers])
        standings = [
            Standing(limit, window, int(left), int(more) * MILLISECOND)
            for (limit, window), left, more in zip(windows, answer[1::2], answer[2::2], strict=True)
        ]
        return bool(answer[0]), standings

    def _refused(self, standings: Sequence[Standing]) -> tuple[Standing, ...]:
        full = tuple(standing for standing in standings if standing.left == 0)
        for standing in full:
            self.notice(REACHED, standing)
        tell(full, is_refusal=True)
        return full

    def _admitted(self, standings: Sequence[Standing]) -> None:
        for standing in standings:
            share, amount = standing.limit.alarm, standing.window.amount
            # Exactly there, so that one crossing is one event.
            if share is not None and standing.left == amount - round(amount * share):
                self.notice(NEAR, standing)
        tell(standings)

    def _keys(self, group: Sequence[Count]) -> list[str]:
        return [self._name(count, window) for count in group for window in count.limit.windows]

    def _name(self, count: Count, window: Window) -> str:
        owner, detail = self._blind(count.owner), self._blind(count.detail)
        return f"{self.prefix}:limits:{{{owner}}}:{count.limit.name}:{int(window.length.total_seconds())}:{detail}"

    def _blind(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=self.key, digest_size=12).hexdigest() if text else ""


def _slice(window: Window) -> int:
    # Rounded up: a window that were a few milliseconds short would hold more than its amount.
    return -(-window.length // (SLICES * MILLISECOND))


def _slice_of(moment: datetime, window: Window) -> int:
    return _milliseconds(moment) // _slice(window)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
