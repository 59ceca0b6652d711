"""A stream of Valkey, followed for as long as a process lives, by somebody who has to know when nothing is heard.

Ids are compared by Valkey alone: after a break the next read goes on from the last one, so nothing is missed. The
clock that counts is ours (monotonic): a clock elsewhere may be wrong.
"""

import asyncio
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()
Fields = Mapping[bytes, bytes]
BEGINNING = b"0-0"
# Often, for the time between two answers is what an ended session may still pass in: a silent server is noticed.
LISTEN_MS = 250
AT_ONCE = 1000
PAUSE = 0.25
# How far the clocks of two servers may differ, of which the second takes over.
MARGIN = timedelta(seconds=120)
# After a break this process may be back at the stream before the writer is, who tells what it missed: it has a beat of
# a second, and a call of its own may hang on the server that died. So long what is read is not believed to be all.
SETTLES_WITHIN = 5.0
# How long a start waits for what the stream holds, before it serves without.
CATCH_UP_SECONDS = 1.0
MILLISECOND = timedelta(milliseconds=1)


class StreamFollower(ABC):
    """`run` for ever; `grace` in seconds: so long without an answer is no silence yet.

    `lost` is the event that is logged once nothing is heard; `settles`: how long after a break it is not all yet.
    """

    def __init__(
        self,
        redis: Redis,
        stream: str,
        lost: str,
        grace: float,
        monotonic: Callable[[], float],
        *,
        settles: float = SETTLES_WITHIN,
    ) -> None:
        self.redis, self.stream, self.lost = redis, stream, lost
        self.monotonic, self.grace, self.settles = monotonic, grace, settles
        self.place = BEGINNING
        self.heard_at: float | None = None
        self.complete_from, self.is_broken = -math.inf, False
        self.caught_up = asyncio.Event()

    @abstractmethod
    def heed(self, entries: Sequence[Fields], *, is_news: bool) -> None:
        """What one read brought, also when it is nothing; some of it may come twice.

        `is_news`: it has just been written. What is read to catch up was there before this process, or its connection.
        """

    @property
    def is_current(self) -> bool:
        """Whether all is known that was written up to `grace` seconds ago."""
        heard_at, now = self.heard_at, self.monotonic()
        if heard_at is None or now < self.complete_from:
            return False
        return now - heard_at <= self.grace

    @property
    def silent_for(self) -> float:
        """Seconds since the stream was last read; infinite before the first time."""
        return math.inf if self.heard_at is None else self.monotonic() - self.heard_at

    async def catch_up(self) -> None:
        """Waits, not for long, until all is known that the stream held when `run` began."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.caught_up.wait(), CATCH_UP_SECONDS)

    async def run(self) -> None:
        """Follows the stream; comes back by itself."""
        while True:
            try:
                await self._read()
            except (RedisError, OSError, asyncio.TimeoutError) as lost:
                if self.caught_up.is_set():
                    log.warning(self.lost, kind=type(lost).__name__)
                self.caught_up.clear()
                self.is_broken = True
                self._read_again()
                await asyncio.sleep(PAUSE)

    async def _read(self) -> None:
        block = LISTEN_MS if self.caught_up.is_set() else None
        entries = _entries(await self.redis.xread({self.stream: self.place}, count=AT_ONCE, block=block))
        if entries:
            self.place = entries[-1][0]
        self.heed([fields for _, fields in entries], is_news=self.caught_up.is_set())
        if not entries:
            self.caught_up.set()
        if self.caught_up.is_set():
            self._hear()

    def _hear(self) -> None:
        now = self.monotonic()
        # Also where the client found the stream again by itself, and only time has passed.
        if self.heard_at is not None and (self.is_broken or now - self.heard_at > self.grace):
            self.complete_from = now + self.settles
        self.heard_at, self.is_broken = now, False

    def _read_again(self) -> None:
        # Another server may have taken over, with a clock that is behind and without the last entries: what the writer
        # then tells once more may get ids below the last one that was read. To hear it twice does no harm.
        at = int(self.place.partition(b"-")[0]) - MARGIN // MILLISECOND
        self.place = b"%d-0" % max(0, at)


def _entries(found: Any) -> list[tuple[bytes, Fields]]:
    """What XREAD answered of one stream, in either version of the protocol."""
    if isinstance(found, dict):
        rows = [row for parts in found.values() for part in parts for row in part]
    else:
        rows = [row for _, part in found or [] for row in part]
    return [(row[0], row[1]) for row in rows]
