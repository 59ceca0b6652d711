"""Event streams: what they say, what keeps them alive, what ends them, and that nothing is left of those that are over."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
from aiohttp import ClientPayloadError, ClientSession, web
from aiohttp.test_utils import TestServer

from chassis.accounting import ACCOUNTS, observe
from chassis.event_stream import EventStream, begin
from chassis.lines import RequestLines
from chassis.open_streams import OPEN_STREAMS, OpenStreams
from chassis.process import create_app
from chassis.request import EXTRA, PART

PING = b": ping\r\n\r\n"
STATUS = b'id: 7\r\nevent: status\r\ndata: {"a":1}\r\nretry: 2000\r\n\r\n'


async def one_event(stream: EventStream) -> None:
    await stream.send("status", b'{"a":1}', known_as="7", retry_ms=2000)


async def for_ever(stream: EventStream) -> None:
    await one_event(stream)
    await asyncio.sleep(60)


async def broken(stream: EventStream) -> None:
    await one_event(stream)
    raise LookupError


async def talkative(stream: EventStream) -> None:
    while True:
        await stream.send("status", b"x" * 65536)


STORIES = {story.__name__: story for story in (one_event, for_ever, broken, talkative)}


class House:
    """An application with streams. `over`: how stories ended; `counted`: requests that were; `asked`: what is left."""

    def __init__(self) -> None:
        self.app = create_app([])
        self.streams = self.app[OPEN_STREAMS] = OpenStreams(every=0.02)
        self.app.router.add_get("/{story}", self.answer)
        self.lines: list[dict[str, Any]] = []
        self.app[ACCOUNTS].lines = RequestLines(lambda _level, fields: self.lines.append(fields))
        self.counted: list[tuple[str, int]] = []
        observe(self.app, lambda request, _route, status, _s: self.counted.append((str(request.get(PART)), status)))
        self.asked: list[weakref.ref[web.Request]] = []
        self.over: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(weakref.ref(request))
        request[EXTRA], request[PART] = {"user": "u-1"}, "waiting"
        story = STORIES[request.match_info["story"]]

        def told(stream: EventStream) -> Coroutine[Any, Any, None]:
            return self.told(story(stream))

        return await begin(request, told)

    async def told(self, story: Coroutine[Any, Any, None]) -> None:
        try:
            await story
        except BaseException as end:
            self.over.append(type(end).__name__)
            raise
        self.over.append("")

    async def settled(self, many: int = 1) -> None:
        """Returns once so many requests are accounted for."""
        async with asyncio.timeout(10):
            while len(self.counted) < many:
                await asyncio.sleep(0.01)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr("chassis.open_streams.PAUSE", 0.01)
    return House()


@pytest.fixture
async def url(house: House) -> AsyncIterator[str]:
    async with TestServer(house.app) as server:
        yield str(server.make_url("/"))


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def raw(url: str, *lines: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(url.rstrip("/").rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join([*lines, "", ""]).encode())
    return reader, writer


async def test_an_event_has_its_fields_and_its_stream_ends_well(url: str, house: House, http: ClientSession) -> None:
    async with http.get(url + "one_event") as answer:
        assert (answer.content_type, answer.headers["Cache-Control"]) == ("text/event-stream", "no-store")
        assert answer.headers["Connection"] == "close"
        assert await answer.read() == STATUS
    assert not house.streams.due


async def test_a_client_of_http_1_0_hears_it_without_chunks(url: str) -> None:
    reader, writer = await raw(url, "GET /one_event HTTP/1.0")
    _, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert body == STATUS


async def test_one_beat_keeps_all_alive_and_forgets_who_has_gone(url: str, house: House, http: ClientSession) -> None:
    answers = [await http.get(url + "for_ever") for _ in range(3)]
    beat = house.streams.beat
    async with asyncio.timeout(10):
        for answer in answers:
            for _ in range(2):
                await answer.content.readuntil(PING)
    assert (len(house.streams.due), house.streams.beat) == (3, beat)
    for answer in answers:
        answer.close()
    await house.settled(3)
    async with asyncio.timeout(10):
        while house.streams.due or (house.streams.beat is not None and not house.streams.beat.done()):
            await asyncio.sleep(0.01)


async def test_nothing_of_the_request_is_kept_while_somebody_waits(url: str, house: House, http: ClientSession) -> None:
    async with http.get(url + "for_ever") as answer:
        await answer.content.readuntil(PING)
        gc.collect()
        assert [ref() for ref in house.asked] == [None]
        assert len(house.streams.due) == 1


async def test_its_line_and_its_count_come_when_it_is_over(url: str, house: House, http: ClientSession) -> None:
    async with http.get(url + "for_ever", headers={"X-Request-ID": "reference-1"}) as answer:
        await answer.content.readuntil(PING)
        assert (house.lines, house.counted, house.over) == ([], [], [])
    await house.settled()
    async with http.get(url + "one_event") as answer:
        await answer.read()
    await house.settled(2)
    assert house.counted == [("waiting", 499), ("waiting", 200)]
    assert house.over == ["CancelledError", ""]
    line = house.lines[0]
    assert (line["request_id"], line["status"], line["user"]) == ("reference-1", 499, "u-1")
    assert line["ms"] > 1


async def test_who_goes_away_after_having_sent_more_than_one_request_is_noticed(url: str, house: House) -> None:
    """aiohttp stops reading such a connection, and whoever does not read does not hear that it was closed."""
    house.streams.every = 60
    reader, writer = await raw(url, *["GET /for_ever HTTP/1.1", "Host: x", ""] * 60)
    await reader.readuntil(b"event: status")
    writer.close()
    await house.settled()
    assert house.counted == [("waiting", 499)]


async def test_what_fails_is_cut_off_rather_than_ended(url: str, house: House, http: ClientSession) -> None:
    async with http.get(url + "broken") as answer:
        with pytest.raises(ClientPayloadError):
            await answer.read()
    await house.settled()


async def test_who_takes_nothing_is_let_go(url: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.event_stream.SEND_SECONDS", 0.05)
    _, writer = await raw(url, "GET /talkative HTTP/1.1", "Host: x")
    await house.settled()
    writer.close()
    assert (house.over, house.counted) == (["TimeoutError"], [("waiting", 499)])


async def test_all_end_with_the_process_and_end_well(
    url: str, house: House, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.open_streams.END_SECONDS", 0.01)
    async with http.get(url + "for_ever") as one, http.get(url + "for_ever") as two:
        await house.streams.end()
        assert [(await each.read()).replace(PING, b"") for each in (one, two)] == [STATUS, STATUS]
    assert house.counted == [("waiting", 200)] * 2


@pytest.mark.parametrize("event", [{"event": "a\nb"}, {"data": b"a\r\nid: 9"}, {"known_as": "1\n2"}])
async def test_no_event_says_more_than_one(event: dict[str, str]) -> None:
    given = {"event": "status", "data": b"{}", **event}
    stream = EventStream(OpenStreams(), asyncio.Transport(), is_chunked=True)
    with pytest.raises(ValueError, match="more lines"):
        await stream.send(**given)  # type: ignore[arg-type]
