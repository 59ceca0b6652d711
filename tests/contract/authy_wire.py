"""Two stand-ins for api.authy.com: one on the wire that records every byte, one inside the client that answers at once."""

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import Mock

from aiohttp import ClientResponse, web
from aioresponses import aioresponses
from yarl import URL

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]
MOCKED = "https://api.authy.example"


@dataclass(frozen=True)
class Received:
    """A request as it came over the wire: `target` is path and query, undecoded."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class RecordingAuthy:
    """A server that answers what it was told, in order; the last answer again and again."""

    received: list[Received] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    def will(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    def will_answer(self, body: object, status: int = 200) -> None:
        self.will(answer(body, status))

    @property
    def last(self) -> Received:
        return self.received[-1]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.received.append(Received(request.method, request.raw_path, dict(request.headers), body))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return await reply(request)


def answer(body: object, status: int = 200, **headers: str) -> Reply:
    """JSON for an object, else the bytes as they are; `text/html`, because Authy has been seen to say so."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def reply(_: web.Request) -> web.Response:
        return web.Response(body=raw, status=status, content_type="text/html", headers=headers)

    return reply


async def hang_up(request: web.Request) -> web.StreamResponse:
    """The connection breaks after the request was read."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


class _MockedResponse(ClientResponse):
    """aioresponses 0.7.9 does not know the argument that aiohttp 3.14 added (aioresponses issue 289)."""

    def __init__(self, method: str, url: URL, **kwargs: Any) -> None:
        super().__init__(method, url, stream_writer=Mock(output_size=0), **kwargs)


@dataclass(frozen=True)
class MockedAuthy:
    """Answers without a network, from inside ClientSession."""

    mock: aioresponses

    def will(self, method: str, path: str, **answer: Any) -> None:
        self.mock.add(MOCKED + path, method=method, response_class=_MockedResponse, **answer)

    @property
    def calls(self) -> int:
        return sum(len(calls) for calls in self.mock.requests.values())


def mocked_authy() -> Iterator[MockedAuthy]:
    """For a fixture."""
    with aioresponses() as mock:
        yield MockedAuthy(mock)
