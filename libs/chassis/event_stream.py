"""Server-sent events (WHATWG HTML section 9.2), for many who wait long: one beat keeps all streams of a process alive.

A task and a timer of its own for each stream cost as much memory as all that it waits for. So there is one task for
all, which says something to each every `KEEP_ALIVE` seconds: whatever stands in between drops what is silent.
"""

import asyncio
import socket
from typing import Self

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

KEEP_ALIVE = 15.0
# The beat looks at most so often, and then at all that are due.
PAUSE = 0.5
# A client that takes nothing for so long is gone.
SEND_SECONDS = 10.0
HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
PING = b": ping\r\n\r\n"


class Beat:
    """The open streams of a process and when each is due, the next one first."""

    def __init__(self, every: float = KEEP_ALIVE) -> None:
        self.every = every
        self.due: dict[EventStream, float] = {}
        self.task: asyncio.Task[None] | None = None

    def add(self, stream: "EventStream") -> None:
        """Keeps it alive until it is removed."""
        loop = asyncio.get_running_loop()
        self.due[stream] = loop.time() + self.every
        if self.task is None or self.task.done():
            self.task = loop.create_task(self._run())

    def remove(self, stream: "EventStream") -> None:
        """It is over."""
        self.due.pop(stream, None)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self.due:
            await asyncio.sleep(max(PAUSE, next(iter(self.due.values())) - loop.time()))
            now = loop.time()
            for stream in [stream for stream, due in self.due.items() if due <= now]:
                # To the end: the order is that of their turns.
                self.remove(stream)
                if await stream.ping():
                    self.due[stream] = now + self.every


BEAT: web.AppKey[Beat] = web.AppKey("BEAT", Beat)


class EventStream(web.StreamResponse):
    """Prepare it, then `async with` it; `send` raises ConnectionResetError or TimeoutError once the client has gone."""

    def __init__(self, beat: Beat) -> None:
        super().__init__(headers=HEADERS)
        self.beat = beat
        self.transport: asyncio.Transport | None = None

    @property
    def is_open(self) -> bool:
        """Whether the client is there, as far as one knows."""
        return self.transport is not None and not self.transport.is_closing()

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Sends the head."""
        writer = await super().prepare(request)
        self.transport = request.transport
        _notice_the_dead(request.transport)
        # They are said; ten thousand wait here.
        self.headers.clear()
        return writer

    async def __aenter__(self) -> Self:
        self.beat.add(self)
        return self

    async def __aexit__(self, *_how: object) -> None:
        self.beat.remove(self)

    async def send(self, event: str, data: bytes, *, known_as: str = "", retry_ms: int = 0) -> None:
        """One event; `data` and `known_as` (its id) have no line ends. `retry_ms`: when to come back if this breaks."""
        lines = [*([f"id: {known_as}"] if known_as else []), f"event: {event}", f"data: {data.decode()}"]
        if retry_ms:
            lines.append(f"retry: {retry_ms}")
        if any("\n" in line or "\r" in line for line in lines):
            raise ValueError("an event of more lines than its fields")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        except TimeoutError:
            if self.transport is not None:
                self.transport.abort()
            raise

    async def ping(self) -> bool:
        """A comment, unless something is on its way already; whether the stream is still open."""
        if self.transport is None or not self.is_open:
            return False
        if self.transport.get_write_buffer_size() == 0:
            try:
                await self.write(PING)
            except (ConnectionResetError, RuntimeError):
                return False
        return True


def _notice_the_dead(transport: asyncio.Transport | None) -> None:
    """What a client does not take for `SEND_SECONDS` ends its connection, however large buffers are (Linux)."""
    found = transport.get_extra_info("socket") if transport is not None else None
    if found is not None and found.family in {socket.AF_INET, socket.AF_INET6} and hasattr(socket, "TCP_USER_TIMEOUT"):
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(SEND_SECONDS * 1000))
