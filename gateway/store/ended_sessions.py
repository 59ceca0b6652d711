"""Sessions that have ended before their time: auth's stream `auth:ended`, followed and kept in memory.

The stream is auth's documented contract (docs/api.md): fields `sid` and `at`, at least once, ids only grow, trimmed
after the longest life of an access token. So the start reads all of it, and after a break what was missed is there.
"""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()
STREAM = "auth:ended"
BEGINNING = b"0-0"
# Often, for the time between two answers is what an ended session may still pass in: a silent server is noticed.
LISTEN_MS = 250
AT_ONCE = 1000
PAUSE = 0.25
# Kept this much longer than a token can live, for clocks that differ.
MARGIN = timedelta(seconds=120)
# After a break this process may be back at the stream before auth is, which tells what ended meanwhile: it has a beat
# of a second, and a call of its own may hang on the server that died. So long what is read is not believed to be all.
SETTLES_WITHIN = 5.0
MILLISECOND = timedelta(milliseconds=1)
# Nobody ends so many in five minutes. If it happens, what is in memory is no longer called complete.
MOST = 1_000_000


class EndedSessions:
    """Implements `ports.EndedSessions`. `run` for ever; `on_news` hears when each one ended.

    `life` is an access token's, `monotonic` seconds; `settles`: how long after a break the list is not yet complete.
    """

    def __init__(
        self,
        redis: Redis,
        life: timedelta,
        grace: float,
        monotonic: Callable[[], float],
        *,
        settles: float = SETTLES_WITHIN,
    ) -> None:
        self.redis, self.monotonic, self.grace, self.settles = redis, monotonic, grace, settles
        self.kept = (life + MARGIN).total_seconds()
        self.ended: dict[str, float] = {}
        self.waiting: dict[str, set[asyncio.Future[None]]] = {}
        self.place = BEGINNING
        self.heard_at: float | None = None
        self.complete_from, self.is_broken = -math.inf, False
        self.caught_up = asyncio.Event()
        self.on_news: Callable[[float], None] = _ignore

    @property
    def is_current(self) -> bool:
        """Whether all is known that ended up to `grace` seconds ago."""
        heard_at, now = self.heard_at, self.monotonic()
        if heard_at is None or now < self.complete_from:
            return False
        return now - heard_at <= self.grace and len(self.ended) <= MOST

    @property
    def silent_for(self) -> float:
        """Seconds since the stream was last read; infinite before the first time."""
        return math.inf if self.heard_at is None else self.monotonic() - self.heard_at

    def has(self, session: str) -> bool:
        """Whether this session has ended."""
        return session in self.ended

    async def wait(self, session: str, seconds: float) -> None:
        """Until the session ends, at most for so long."""
        if self.has(session):
            return
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.setdefault(session, set()).add(told)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await told
        finally:
            self.waiting[session].discard(told)
            if not self.waiting[session]:
                del self.waiting[session]

    async def run(self) -> None:
        """Follows the stream; comes back by itself."""
        while True:
            try:
                await self._read()
            except (RedisError, OSError, asyncio.TimeoutError) as lost:
                if self.caught_up.is_set():
                    log.warning("ended_sessions_not_heard", kind=type(lost).__name__)
                self.caught_up.clear()
                self.is_broken = True
                self._read_again()
                await asyncio.sleep(PAUSE)

    async def _read(self) -> None:
        block = LISTEN_MS if self.caught_up.is_set() else None
        found: Any = await self.redis.xread({STREAM: self.place}, count=AT_ONCE, block=block)
        entries = _entries(found)
        for entry, fields in entries:
            self.place = entry
            self._end(fields.get(b"sid", b"").decode())
            # What is read to catch up had ended long before this process, or its connection, began.
            if self.caught_up.is_set():
                self.on_news(_ended_at(fields))
        self._forget()
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
        # Another server may have taken over, with a clock that is behind and without the last entries: what auth then
        # tells once more may get ids below the last one that was read. To hear of an end twice does no harm.
        at = int(self.place.partition(b"-")[0]) - MARGIN // MILLISECOND
        self.place = b"%d-0" % max(0, at)

    def _end(self, session: str) -> None:
        # Anew at the end of the list: they are forgotten in the order in which they were heard of.
        self.ended.pop(session, None)
        self.ended[session] = self.monotonic() + self.kept
        for told in self.waiting.get(session, ()):
            if not told.done():
                told.set_result(None)

    def _forget(self) -> None:
        now = self.monotonic()
        while self.ended:
            oldest = next(iter(self.ended))
            if self.ended[oldest] > now:
                return
            del self.ended[oldest]


def _ignore(_ended_at: float) -> None:
    """Nobody measures."""


def _ended_at(fields: dict[bytes, bytes]) -> float:
    """In seconds since 1970; the contract has milliseconds."""
    at = fields.get(b"at", b"")
    return int(at) / 1000 if at.isdigit() else math.inf


def _entries(found: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """What XREAD answered, in either version of the protocol."""
    if isinstance(found, dict):
        rows: list[Any] = [row for part in found.get(STREAM.encode(), []) for row in part]
    else:
        rows = [row for _, part in found or [] for row in part]
    return [(row[0], row[1]) for row in rows]
