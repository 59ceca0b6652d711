"""One ear on the feed per process, for however many services listen through it."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from datetime import timedelta

import structlog
from redis.asyncio import Redis

from services.auth.model.ended import BEGINNING, MILLISECOND, Entry, Place
from services.auth.model.errors import FeedAway, TooManyFollowers
from services.auth.store.ended_feed import read_after

log = structlog.get_logger()
LISTEN = timedelta(seconds=1)
PATIENCE_SECONDS = 1.5
PAUSE_SECONDS = 0.25
# So often a follower is handed nothing, to look whether his time is over.
SILENCE_SECONDS = 5.0


class EndedEars:
    """Implements `EndedSessions`: keeps what ended within `life`, and wakes whoever waits for more.

    It is deaf until it has heard everything, and again when Valkey is away: who listens through it then is told so,
    instead of hearing nothing and believing that nothing ended.
    """

    def __init__(self, client: Redis, life: timedelta, most: int) -> None:
        self.client, self.life, self.most = client, life, most
        self.heard: list[Entry] = []
        self.place = BEGINNING
        self.is_deaf = True
        self.followers = 0
        self.news = asyncio.Event()

    async def listen(self) -> None:
        """Goes on until it is cancelled."""
        while True:
            try:
                await self._hear()
            except Exception as fault:  # noqa: BLE001 tried again at once, from where it was
                if not self.is_deaf:
                    log.warning("ended_sessions_not_heard", kind=type(fault).__name__)
                self.stop()
                await asyncio.sleep(PAUSE_SECONDS)

    def stop(self) -> None:
        """Nobody is told anything any more."""
        self.is_deaf = True
        self._wake()

    async def follow(self, after: Place) -> AsyncGenerator[Sequence[Entry], None]:
        if self.followers >= self.most:
            raise TooManyFollowers
        self.followers += 1
        place = after
        try:
            while not self.is_deaf:
                # The bell first, then the look: what comes in between has rung it.
                news, batch = self.news, self._after(place)
                place = batch[-1].place if batch else place
                yield batch
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(news.wait(), SILENCE_SECONDS)
            raise FeedAway
        finally:
            self.followers -= 1

    async def _hear(self) -> None:
        # The client itself would try for twice as long: so long we would not know that we hear nothing.
        async with asyncio.timeout(PATIENCE_SECONDS):
            entries = await read_after(self.client, self.place, wait=MILLISECOND if self.is_deaf else LISTEN)
        if entries:
            self.place = entries[-1].place
            self.heard += entries
            self._forget_what_is_over()
            self._wake()
        else:
            self.is_deaf = False

    def _after(self, place: Place) -> Sequence[Entry]:
        return self.heard[bisect_right(self.heard, place, key=lambda entry: entry.place) :]

    def _forget_what_is_over(self) -> None:
        oldest = Place(self.place.ms - self.life // MILLISECOND)
        del self.heard[: bisect_right(self.heard, oldest, key=lambda entry: entry.place)]

    def _wake(self) -> None:
        self.news.set()
        self.news = asyncio.Event()
