"""Every request has a reference and a line, and is counted once."""

import logging
import os
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from chassis.accounting import ACCOUNTS, observe
from chassis.lines import PIECE, Lines, RequestLines, Weight, pieces, straight, through_structlog
from chassis.process import create_app
from chassis.request import EXTRA, REFERENCE, WEIGHT

START = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
COUNTED: web.AppKey[list[tuple[str, int]]] = web.AppKey("COUNTED", list)


async def answer(request: web.Request) -> web.Response:
    if "weight" in request.query:
        request[WEIGHT] = Weight(request.query["weight"])
    request[EXTRA] = {"trace": "t-1"}
    return web.Response(status=int(request.match_info["status"]), text=REFERENCE.get())


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    os.set_blocking(ends[0], False)
    yield ends
    for end in ends:
        os.close(end)


def lines_in(pipe: tuple[int, int]) -> list[dict[str, Any]]:
    try:
        return [orjson.loads(line) for line in os.read(pipe[0], 1 << 20).splitlines()]
    except BlockingIOError:
        return []


@pytest.fixture
async def client(pipe: tuple[int, int]) -> AsyncIterator[TestClient[Any, Any]]:
    app = create_app([])
    app.router.add_get("/{status:\\d+}", answer)
    app[COUNTED] = []
    observe(app, lambda _request, route, status, _seconds: app[COUNTED].append((route, status)))
    write = straight(Lines(pipe[1]), "tea", lambda: START)
    app[ACCOUNTS].lines = RequestLines(write, share=0.25, severity=logging.INFO)
    async with TestClient(TestServer(app)) as client:
        yield client
        app[ACCOUNTS].lines = RequestLines(lambda _level, _fields: None)


async def test_a_request_is_one_line_and_one_count(client: TestClient[Any, Any], pipe: tuple[int, int]) -> None:
    said = await client.get("/404?secret=hunter2", headers={"X-Request-ID": "reference-1"})
    assert (said.headers["X-Request-ID"], await said.text()) == ("reference-1", "reference-1")
    [line] = lines_in(pipe)
    assert line.pop("ms") >= 0
    assert line == {
        "service": "tea", "event": "request", "level": "info", "timestamp": "2026-01-02T03:04:05.678000Z", "request_id": "reference-1",
        "method": "GET", "route": r"/{status}", "status": 404, "refusal": None, "trace": "t-1",
    }  # fmt: skip
    assert client.app[COUNTED] == [("/{status}", 404)]


async def test_probes_are_neither_written_nor_counted(client: TestClient[Any, Any], pipe: tuple[int, int]) -> None:
    assert (await client.get("/livez")).headers["X-Request-ID"]
    assert (lines_in(pipe), client.app[COUNTED]) == ([], [])


async def test_a_reference_that_could_be_anything_is_replaced(client: TestClient[Any, Any]) -> None:
    seen = set()
    for given in ("short", "x" * 65, 'a"b{c}d e f', "reference\t1"):
        said = await client.get("/200", headers={"X-Request-ID": given})
        seen.add(said.headers["X-Request-ID"])
    assert len(seen) == 4
    assert all(re.fullmatch(r"[0-9a-f]{32}", reference) for reference in seen)


async def test_what_is_sampled_is_every_so_many_th_but_refusals_are_all_written(
    client: TestClient[Any, Any], pipe: tuple[int, int]
) -> None:
    for _ in range(8):
        await client.get("/200?weight=sampled")
        await client.get("/200?weight=quiet")
    for weight in ("sampled", "quiet"):
        await client.get(f"/403?weight={weight}")
    written = [(line["status"], line.get("sampled")) for line in lines_in(pipe)]
    assert written == [(200, 0.25), (200, 0.25), (403, None), (403, None)]
    assert len(client.app[COUNTED]) == 18


async def test_a_line_that_waits_is_not_overtaken(pipe: tuple[int, int]) -> None:
    lines = Lines(pipe[1])
    lines.later(b'{"n":1}\n')
    assert lines_in(pipe) == []
    lines.now(b'{"n":2}\n')
    assert [line["n"] for line in lines_in(pipe)] == [1, 2]


async def test_a_log_that_nobody_reads_stops_nothing() -> None:
    read, write = os.pipe()
    os.close(read)
    lines = Lines(write)
    lines.now(b"gone\n")
    os.close(write)


def test_lines_are_written_whole() -> None:
    waiting = [bytes([65 + n]) * 1500 + b"\n" for n in range(6)]
    found = pieces([*waiting, b"z" * 9000])
    assert b"".join(found) == b"".join([*waiting, b"z" * 9000])
    assert [len(piece) <= PIECE for piece in found] == [True, True, True, False]
    assert all(piece.endswith((b"\n", b"z")) for piece in found)


def test_outside_a_terminal_and_inside_one_a_line_says_the_same() -> None:
    with structlog.testing.capture_logs() as heard:
        lines = RequestLines(through_structlog)
        lines.write(Weight.FULL, {"status": 200})
        lines.write(Weight.QUIET, {"status": 204})
    assert [(line["event"], line["log_level"], line["status"]) for line in heard] == [
        ("request", "info", 200),
        ("request", "debug", 204),
    ]
