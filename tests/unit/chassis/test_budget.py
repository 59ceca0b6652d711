"""No answer takes longer than its budget, however many calls it is made of."""

import asyncio
from typing import Any

from aiohttp import web

from chassis.budget import within
from chassis.event_stream import EventStream, begin
from chassis.problems import problem_middleware
from chassis.process import create_app


async def never(_request: web.Request) -> web.Response:
    await asyncio.sleep(3600)
    return web.Response()


async def stream(request: web.Request) -> web.StreamResponse:
    async def told(stream: EventStream) -> None:
        await asyncio.sleep(0.1)
        await stream.send("late", b"{}")

    return await begin(request, told)


async def test_what_takes_too_long_is_503_and_a_stream_has_no_end(aiohttp_client: Any) -> None:
    app = create_app([problem_middleware({}), within(0.05)])
    app.router.add_get("/never", never)
    app.router.add_get("/stream", stream)
    http = await aiohttp_client(app)
    answer = await http.get("/never")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert "late" in await (await http.get("/stream")).text()
