"""Tries, in Valkey: one hash per tally, on one slot per owner, gone by itself."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from services.auth.model.lockout import MILLISECOND, Counter, Limit

_HERE = Path(__file__).parent


class ValkeyAttempts:
    """Implements `Attempts`. `key` blinds owners: Valkey shows neither addresses nor who is being guessed at."""

    def __init__(self, client: Redis, key: bytes) -> None:
        self.client = client
        self.key = key
        self.count_try = client.register_script((_HERE / "count_try.lua").read_text())
        self.forgive_try = client.register_script((_HERE / "forgive_try.lua").read_text())

    async def count(self, counters: Sequence[Counter], now: datetime) -> timedelta:
        numbers = [number for counter in counters for number in _numbers(counter.limit)]
        wait: Any = await self.count_try(keys=self._names(counters), args=[_milliseconds(now), *numbers])
        return int(wait) * MILLISECOND

    async def forgive(self, counter: Counter, now: datetime) -> None:
        numbers = [_milliseconds(now), counter.limit.free, counter.limit.leak // MILLISECOND]
        await self.forgive_try(keys=self._names([counter]), args=numbers)

    async def clear(self, counters: Sequence[Counter]) -> None:
        await self.client.unlink(*self._names(counters))

    def _names(self, counters: Sequence[Counter]) -> list[str]:
        return [self._name(counter) for counter in counters]

    def _name(self, counter: Counter) -> str:
        return f"auth:attempts:{{{self._blind(counter.owner)}}}:{counter.limit.name}:{self._blind(counter.detail)}"

    def _blind(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=self.key, digest_size=12).hexdigest() if text else ""


def _numbers(limit: Limit) -> list[int]:
    return [limit.free, *(time // MILLISECOND for time in (limit.first_pause, limit.longest_pause, limit.leak))]


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
