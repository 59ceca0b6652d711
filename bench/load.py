"""Load on loopback: so many connections, each with one request under way; the driver costs less than what it asks."""

import asyncio
import ipaddress
import itertools
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

MOST_CONNECTIONS = 256
END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"
CHUNKED, LAST_CHUNK = b"transfer-encoding: chunked", b"\r\n0\r\n\r\n"
IN_CHUNKS = -1
NextRequest = Callable[[], bytes]


class NotLocal(ValueError):
    """Load is for processes of this machine only."""


@dataclass
class Tally:
    """What came back: how many of each status, how long each took (seconds)."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: "array[float]" = field(default_factory=lambda: array("d"))

    @property
    def answered(self) -> int:
        """All answers."""
        return len(self.seconds)

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the requests was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Connection(asyncio.Protocol):
    """Asks, reads the answer whole, asks again; `pause` is the time in seconds between the starts of two requests."""

    def __init__(self, next_request: NextRequest, tally: Tally, pause: float) -> None:
        self.next_request, self.tally, self.pause = next_request, tally, pause
        self.buffer = b""
        self.wanted = 0
        self.asked_at = self.due_at = 0.0
        self.stopping = False
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None) if self.stopping else self.closed.set_exception(exc or ConnectionResetError())

    def ask(self) -> None:
        """Sends the next request."""
        if self.stopping:
            self.transport.close()
            return
        self.asked_at = time.perf_counter()
        self.transport.write(self.next_request())

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        if not self.wanted:
            end = self.buffer.find(END_OF_HEAD)
            if end < 0:
                return
            length = _length(self.buffer[:end])
            self.wanted = IN_CHUNKS if length == IN_CHUNKS else end + len(END_OF_HEAD) + length
        # JSON holds no line break of its own, so that the last chunk is told from its text by its end alone.
        whole = self.buffer.endswith(LAST_CHUNK) if self.wanted == IN_CHUNKS else len(self.buffer) >= self.wanted
        if whole:
            self._answered()

    def _answered(self) -> None:
        self.tally.seconds.append(time.perf_counter() - self.asked_at)
        self.tally.statuses[int(self.buffer[9:12])] += 1
        self.buffer, self.wanted = b"", 0
        if not self.pause:
            self.ask()
            return
        # By the clock, not by the last answer: a slow answer does not thin the load out.
        self.due_at = max(self.due_at + self.pause, time.perf_counter())
        asyncio.get_running_loop().call_later(self.due_at - time.perf_counter(), self.ask)


def _length(head: bytes) -> int:
    lower = head.lower()
    place = lower.find(LENGTH)
    if place < 0:
        return IN_CHUNKS if CHUNKED in lower else 0
    return int(lower[place + len(LENGTH) :].split(b"\r\n", 1)[0])


@dataclass(frozen=True)
class Load:
    """`connections` that ask `next_request()` at `url`; `rate` requests a second in all, or as fast as it goes."""

    url: str
    next_request: NextRequest
    connections: int = 32
    rate: float = 0

    def _place(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or 0
        if not ipaddress.ip_address(host).is_loopback or self.connections > MOST_CONNECTIONS:
            raise NotLocal(self.url)
        return host, port

    async def run(self, seconds: float) -> Tally:
        """Raises ConnectionError if the server goes away."""
        host, port = self._place()
        tally = Tally()
        pause = self.connections / self.rate if self.rate else 0
        loop = asyncio.get_running_loop()
        opened = [
            (await loop.create_connection(lambda: Connection(self.next_request, tally, pause), host, port))[1]
            for _ in range(self.connections)
        ]
        for place, connection in enumerate(opened):
            loop.call_later(pause * place / self.connections, connection.ask)
        await asyncio.sleep(seconds)
        for connection in opened:
            connection.stopping = True
        await asyncio.wait_for(asyncio.gather(*(connection.closed for connection in opened)), 30)
        return tally


def get(path: str, headers: dict[str, str]) -> bytes:
    """A GET request as bytes."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def post(path: str, headers: dict[str, str], body: bytes) -> bytes:
    """A POST request as bytes."""
    head = get(path, {**headers, "Content-Length": str(len(body))})
    return b"POST" + head.removeprefix(b"GET") + body


def cycle(requests: list[bytes]) -> NextRequest:
    """The requests in turn, for ever."""
    turning: Iterator[bytes] = itertools.cycle(requests)
    return turning.__next__
