"""The streams of a process that are open: one beat keeps all of them alive, and they end with it.

A timer of its own for each would cost as much memory as all that it waits for. So there is one task for all, which says
something to each every `KEEP_ALIVE` seconds: whatever stands in between drops what is silent.
"""

import asyncio
from typing import Protocol

from aiohttp import web

KEEP_ALIVE = 15.0
# The beat looks at most so often, and then at all that are due.
PAUSE = 0.5
# Who tells something when the process ends, and does not stop by himself, is stopped after so long.
END_SECONDS = 1.0


class Stream(Protocol):
    """As far as it is kept alive; `story` is None before it is told."""

    story: asyncio.Task[None] | None

    def ping(self) -> bool:
        """Says something, however little; whether anybody is there."""


class OpenStreams:
    """They, and when each is due, the next one first."""

    def __init__(self, every: float = KEEP_ALIVE) -> None:
        self.every = every
        self.due: dict[Stream, float] = {}
        self.beat: asyncio.Task[None] | None = None

    def add(self, stream: Stream) -> None:
        """Keeps it alive until it is removed."""
        loop = asyncio.get_running_loop()
        self.due[stream] = loop.time() + self.every
        if self.beat is None or self.beat.done():
            self.beat = loop.create_task(self._run())

    def remove(self, stream: Stream) -> None:
        """It is over."""
        self.due.pop(stream, None)

    async def end(self) -> None:
        """To be called when whoever is listened to has said that it is over: returns once no stream is left."""
        stories = [stream.story for stream in self.due if stream.story is not None]
        if stories:
            _, late = await asyncio.wait(stories, timeout=END_SECONDS)
            for story in late:
                story.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self.due:
            await asyncio.sleep(max(PAUSE, next(iter(self.due.values())) - loop.time()))
            now = loop.time()
            for stream in [stream for stream, due in self.due.items() if due <= now]:
                # To the end: the order is that of their turns.
                self.remove(stream)
                if stream.ping():
                    self.due[stream] = now + self.every


OPEN_STREAMS: web.AppKey[OpenStreams] = web.AppKey("OPEN_STREAMS", OpenStreams)
