"""A status stream is taken up where it broke."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from countersign.client import NotFound, Unavailable, UnexpectedAnswer
from countersign.client.calls import Calls
from countersign.client.challenges import Challenges


class Stream:
    def __init__(self) -> None:
        self.script: list[Any] = []
        self.last_ids: list[str | None] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.last_ids.append(request.headers.get("Last-Event-ID"))
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, tuple):
            return web.Response(status=answer[0], text=answer[1], headers=answer[2])
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(answer.encode())
        return response


def status(word: str, number: int) -> str:
    data = f'{{"id":"c","status":"{word}","reason":null,"updated_at":"2026-01-01T00:00:00Z","expires_at":"2026-01-01T00:02:00Z","expires_in":9}}'
    return f": ping\n\nid: {number}\nevent: status\nretry: 2000\ndata: {data}\n\n"


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.fixture
async def challenges(stream: Stream) -> AsyncIterator[Challenges]:
    async def at_once(_: float) -> None:
        return

    app = web.Application()
    app.router.add_get("/v1/mfa/challenges/{id}/events", stream.serve)
    async with TestServer(app) as server, ClientSession() as http:
        yield Challenges(Calls(http, str(server.make_url("/")), sleep=at_once))


async def followed(challenges: Challenges) -> list[str]:
    async with aclosing(challenges.follow("t", "c")) as states:
        return [state.status async for state in states]


async def test_it_goes_on_after_the_last_event_that_was_whole(stream: Stream, challenges: Challenges) -> None:
    cut_off = status("approved", 2)[:-20]
    stream.script = [
        status("pending", 1) + cut_off, (503, "", {"Retry-After": "1"}), "", status("approved", 2),
    ]  # fmt: skip
    assert await followed(challenges) == ["pending", "approved"]
    assert stream.last_ids == [None, "1", "1", "1"]


async def test_it_ends_when_the_server_has_nothing_more_to_say(stream: Stream, challenges: Challenges) -> None:
    stream.script = [status("pending", 1), (204, "", {})]
    assert await followed(challenges) == ["pending"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((404, '{"error":"challenge_not_found"}', {"Content-Type": "application/problem+json"}), NotFound),
        ((200, "{}", {"Content-Type": "application/json"}), UnexpectedAnswer),
        ((302, "", {"Location": "https://evil.example/"}), UnexpectedAnswer),
        ((503, "", {}), Unavailable),
        ("", Unavailable),
        ("data: nonsense\n\n", UnexpectedAnswer),
        ("data: {}\n\n", UnexpectedAnswer),
        ("data: " + "x" * 70_000, UnexpectedAnswer),
    ],
)
async def test_what_is_no_stream_is_said_and_not_asked_for_without_end(
    stream: Stream, challenges: Challenges, answer: Any, kind: type[Exception]
) -> None:
    stream.script = [answer]
    with pytest.raises(kind):
        await followed(challenges)
    assert len(stream.last_ids) <= 8
