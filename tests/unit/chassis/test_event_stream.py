"""Event streams: what they say, what keeps them alive, and that nothing is left of those that are over."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from chassis.event_stream import Beat, EventStream


@pytest.fixture
def beat(monkeypatch: pytest.MonkeyPatch) -> Beat:
    monkeypatch.setattr("chassis.event_stream.PAUSE", 0.01)
    return Beat(every=0.02)


@pytest.fixture
async def url(beat: Beat) -> AsyncIterator[str]:
    async def events(request: web.Request) -> web.StreamResponse:
        stream = EventStream(beat)
        await stream.prepare(request)
        async with stream:
            await stream.send("status", b'{"a":1}', known_as="7", retry_ms=2000)
            await asyncio.sleep(60 if request.query.get("stay") else 0)
        return stream

    app = web.Application()
    app.router.add_get("/", events)
    async with TestServer(app, handler_cancellation=True) as server:
        yield str(server.make_url("/"))


async def test_an_event_has_its_fields_and_its_stream_ends_well(url: str, beat: Beat) -> None:
    async with ClientSession() as http, http.get(url) as answer:
        assert (answer.content_type, answer.headers["Cache-Control"]) == ("text/event-stream", "no-store")
        assert await answer.text() == 'id: 7\r\nevent: status\r\ndata: {"a":1}\r\nretry: 2000\r\n\r\n'
    assert not beat.due


async def test_one_beat_keeps_all_alive_and_forgets_who_has_gone(url: str, beat: Beat) -> None:
    async with ClientSession() as http:
        answers = [await http.get(f"{url}?stay=1") for _ in range(3)]
        task = beat.task
        async with asyncio.timeout(10):
            for answer in answers:
                for _ in range(2):
                    await answer.content.readuntil(b": ping\r\n\r\n")
        assert (len(beat.due), beat.task) == (3, task)
        for answer in answers:
            answer.close()
        async with asyncio.timeout(10):
            while beat.due or (beat.task is not None and not beat.task.done()):
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("event", [{"event": "a\nb"}, {"data": b"a\r\nid: 9"}, {"known_as": "1\n2"}])
async def test_no_event_says_more_than_one(event: dict[str, str]) -> None:
    given = {"event": "status", "data": b"{}", **event}
    with pytest.raises(ValueError, match="more lines"):
        await EventStream(Beat()).send(**given)  # type: ignore[arg-type]
