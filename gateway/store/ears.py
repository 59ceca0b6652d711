"""The ears of those who wait: each holds the newest change and no more, so a slow one costs nothing."""

import asyncio
from types import TracebackType

from gateway.model.challenge import News


class Ear:
    """Implements `ports.Listener`. `closing` is shared by all ears of a process."""

    __slots__ = ("closing", "missed", "news", "sleeper")

    def __init__(self, closing: asyncio.Event) -> None:
        self.closing = closing
        self.news: News | None = None
        self.missed = False
        self.sleeper: asyncio.Future[None] | None = None

    @property
    def is_closing(self) -> bool:
        """Whether this process is about to end."""
        return self.closing.is_set()

    def tell(self, news: News | None) -> None:
        """Something happened; None: something may have."""
        if news is None:
            self.missed = True
        else:
            self.news = news
        self.wake()

    def wake(self) -> None:
        """Ends the present `next`."""
        if self.sleeper is not None and not self.sleeper.done():
            self.sleeper.set_result(None)

    async def next(self, seconds: float) -> News | None:
        """The newest change; None after `seconds`, or when a reading is due."""
        if self.news is None and not self.missed and not self.is_closing:
            await self._sleep(seconds)
        news, self.news, self.missed = self.news, None, False
        return news

    async def _sleep(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self.sleeper = loop.create_future()
        alarm = loop.call_later(max(0.0, seconds), self.wake)
        try:
            await self.sleeper
        finally:
            alarm.cancel()
            self.sleeper = None


class Ears:
    """All ears of this process, by challenge."""

    def __init__(self) -> None:
        self.closing = asyncio.Event()
        self.by_challenge: dict[str, set[Ear]] = {}

    def listen(self, challenge_id: str) -> "Listening":
        """`async with ears.listen(id) as ear`."""
        return Listening(self, challenge_id)

    def tell(self, news: News) -> None:
        """Tells those who wait for this challenge."""
        for ear in self.by_challenge.get(news.challenge_id, ()):
            ear.tell(news)

    def all(self) -> list[Ear]:
        """Every ear there is."""
        return [ear for ears in self.by_challenge.values() for ear in ears]

    def close(self) -> None:
        """Sends everybody away."""
        self.closing.set()
        for ear in self.all():
            ear.wake()


class Listening:
    """One ear from the beginning to the end of a block."""

    __slots__ = ("challenge_id", "ear", "ears")

    def __init__(self, ears: Ears, challenge_id: str) -> None:
        self.ears, self.challenge_id, self.ear = ears, challenge_id, Ear(ears.closing)

    async def __aenter__(self) -> Ear:
        self.ears.by_challenge.setdefault(self.challenge_id, set()).add(self.ear)
        return self.ear

    async def __aexit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        mine = self.ears.by_challenge[self.challenge_id]
        mine.discard(self.ear)
        if not mine:
            del self.ears.by_challenge[self.challenge_id]
