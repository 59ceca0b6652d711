"""Sessions that have ended before their time: auth's stream `auth:ended`, followed and kept in memory.

The stream is auth's documented contract (docs/api.md): fields `sid` and `at`, at least once, ids only grow, trimmed
after the longest life of an access token. So the start reads all of it, and after a break what was missed is there.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from redis.asyncio import Redis

from chassis.stream_follower import MARGIN, SETTLES_WITHIN, Fields, StreamFollower

STREAM = "auth:ended"
# Nobody ends so many in five minutes. If it happens, what is in memory is no longer called complete.
MOST = 1_000_000


class EndedSessions(StreamFollower):
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
        super().__init__(redis, STREAM, "ended_sessions_not_heard", grace, monotonic, settles=settles)
        # Longer than a token can live, for clocks that differ.
        self.kept = (life + MARGIN).total_seconds()
        self.ended: dict[str, float] = {}
        self.waiting: dict[str, set[asyncio.Future[None]]] = {}
        self.on_news: Callable[[float], None] = _ignore

    @property
    def is_current(self) -> bool:
        """Whether all is known that ended up to `grace` seconds ago."""
        return super().is_current and len(self.ended) <= MOST

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

    def heed(self, entries: Sequence[Fields], *, is_news: bool) -> None:
        """Keeps them, and forgets what matters no more."""
        for fields in entries:
            self._end(fields.get(b"sid", b"").decode())
            if is_news:
                self.on_news(_ended_at(fields))
        self._forget()

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


def _ended_at(fields: Fields) -> float:
    """In seconds since 1970; the contract has milliseconds."""
    at = fields.get(b"at", b"")
    return int(at) / 1000 if at.isdigit() else math.inf
