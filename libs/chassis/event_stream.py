"""Server-sent events (WHATWG HTML section 9.2), for many who wait long.

Who waits costs memory, and most of it would be aiohttp's: the request as it was parsed, its parser, two tasks. So a
stream takes the connection over once the head of its answer is sent (`asyncio.BaseTransport.set_protocol`), and for
aiohttp the connection is gone. What remains is told by one coroutine, the stream's story.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from aiohttp import web

from chassis.open_streams import OPEN_STREAMS, OpenStreams
from chassis.request import CLIENT_GONE

log = structlog.get_logger()
# A client that takes nothing for so long is gone.
SEND_SECONDS = 10.0
HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
PING = b": ping\r\n\r\n"
# The last chunk of a body (RFC 9112 section 7.1).
LAST = b"0\r\n\r\n"

Story = Callable[["EventStream"], Coroutine[Any, Any, None]]
# Told the status: 200, or `CLIENT_GONE` if that was before the end.
Ended = Callable[[int], None]


class EventStream(asyncio.Protocol):
    """One client that hears. `send` raises ConnectionResetError or TimeoutError once it has gone, which is no fault.

    The story is cancelled when the client goes away.
    """

    __slots__ = ("at_end", "is_chunked", "room", "status", "story", "streams", "transport")

    def __init__(self, streams: OpenStreams, transport: asyncio.Transport, *, is_chunked: bool) -> None:
        self.streams, self.transport, self.is_chunked = streams, transport, is_chunked
        self.room: asyncio.Future[None] | None = None
        self.story: asyncio.Task[None] | None = None
        self.at_end: tuple[Ended, ...] = ()
        self.status = 200

    def begin(self, story: Story) -> None:
        """Tells it; what it tells must be its own to close."""
        self.story = asyncio.get_running_loop().create_task(story(self))
        self.story.add_done_callback(self._over)
        self.streams.add(self)

    def upon_end(self, ended: Ended) -> None:
        """To be told when this is over; at once, if it is."""
        if self.story is None or self.story.done():
            ended(self.status)
        else:
            self.at_end = (*self.at_end, ended)

    async def send(self, event: str, data: bytes, *, known_as: str = "", retry_ms: int = 0) -> None:
        """One event; `data` and `known_as` (its id) have no line ends. `retry_ms`: when to come back if this breaks."""
        lines = [*([f"id: {known_as}"] if known_as else []), f"event: {event}", f"data: {data.decode()}"]
        if retry_ms:
            lines.append(f"retry: {retry_ms}")
        if any("\n" in line or "\r" in line for line in lines):
            raise ValueError("an event of more lines than its fields")
        if self.transport.is_closing():
            raise ConnectionResetError
        self._write(("\r\n".join(lines) + "\r\n\r\n").encode())
        if self.room is not None:
            async with asyncio.timeout(SEND_SECONDS):
                await self.room

    def ping(self) -> bool:
        """A comment, unless something is on its way already; whether the stream is still open."""
        is_open = not self.transport.is_closing()
        if is_open and self.transport.get_write_buffer_size() == 0:
            self._write(PING)
        return is_open

    def pause_writing(self) -> None:
        """The client takes less than it is told."""
        self.room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """It has taken it."""
        if self.room is not None and not self.room.done():
            self.room.set_result(None)
        self.room = None

    def connection_lost(self, _fault: Exception | None) -> None:
        """The client has gone, or was let go."""
        if self.story is not None:
            # Not at once: a story that is cancelled before it has begun could not close what it was given.
            asyncio.get_running_loop().call_soon(self.story.cancel)

    def _write(self, data: bytes) -> None:
        self.transport.write(b"%x\r\n%b\r\n" % (len(data), data) if self.is_chunked else data)

    def _over(self, story: asyncio.Task[None]) -> None:
        self.streams.remove(self)
        fault = None if story.cancelled() else story.exception()
        if self.transport.is_closing() or isinstance(fault, (ConnectionResetError, TimeoutError)):
            self.status = CLIENT_GONE
        elif fault is not None:
            log.error("unexpected", exc_info=fault)
        elif self.is_chunked:
            self.transport.write(LAST)
        if fault is None:
            self.transport.close()
        else:
            # Cut off in the middle, so that nobody takes it for the end.
            self.transport.abort()
        for ended in self.at_end:
            ended(self.status)


class Begun(web.StreamResponse):
    """The head of a stream, all of it that aiohttp meets. The connection is its last (RFC 9112 section 9.6)."""

    def __init__(self) -> None:
        super().__init__(headers=HEADERS)
        self.force_close()
        self.stream: EventStream | None = None

    async def write_eof(self, _data: bytes = b"") -> None:
        """Nothing: it is the stream that ends."""


async def begin(request: web.Request, story: Story) -> Begun:
    """Sends the head and begins the story, which goes on when the handler has answered what this returns.

    Raises ConnectionResetError when the client has gone already: then the story was not begun.
    """
    head = Begun()
    await head.prepare(request)
    transport, served = request.transport, request.protocol
    if transport is None or transport.is_closing():
        raise ConnectionResetError
    head.stream = EventStream(request.app[OPEN_STREAMS], transport, is_chunked="Transfer-Encoding" in head.headers)
    transport.set_protocol(head.stream)
    _notice_the_dead(transport)
    if not transport.is_reading():
        # It had sent more than aiohttp takes at once. Nothing of it is heard any more, but that it goes away is.
        transport.resume_reading()
    # To aiohttp this is a connection that was lost; it is told so when it has done with the request.
    served.transport = None
    request.task.add_done_callback(lambda _task: served.connection_lost(None))
    head.stream.begin(story)
    return head


def _notice_the_dead(transport: asyncio.Transport) -> None:
    """What a client does not take for `SEND_SECONDS` ends its connection, however large buffers are (Linux)."""
    found = transport.get_extra_info("socket")
    if found is not None and found.family in {socket.AF_INET, socket.AF_INET6} and hasattr(socket, "TCP_USER_TIMEOUT"):
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(SEND_SECONDS * 1000))
