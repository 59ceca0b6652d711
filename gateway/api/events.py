"""GET /v1/mfa/challenges/{id}/events: server-sent events (WHATWG HTML section 9.2)."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from functools import partial

from aiohttp import web

from chassis.event_stream import EventStream, begin
from chassis.responses import json_bytes
from gateway.api.credentials import bearer
from gateway.api.documents import status_event
from gateway.api.keys import WAITING
from gateway.model.challenge import Challenge

RETRY_MS = 2000


async def events(request: web.Request) -> web.StreamResponse:
    """An event `status` now and at each change, until the challenge is settled.

    A client that comes back with Last-Event-ID is not told again what it knows; 204 tells it that nothing follows.
    """
    known = request.headers.get("Last-Event-ID", "")
    states = request.app[WAITING](bearer(request), request.match_info["id"])
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(aclosing(states))
        # Read before the stream is opened: what is refused can still be answered with a status.
        first = await anext(states)
        if first.is_settled and first.version == known:
            return web.Response(status=204)
        answer = await begin(request, partial(_tell, None if first.version == known else first, states))
        # Theirs to close who tell them.
        stack.pop_all()
    return answer


async def _tell(news: Challenge | None, states: AsyncGenerator[Challenge], stream: EventStream) -> None:
    async with aclosing(states):
        if news is not None:
            await _send(stream, news)
        # It was said; the next reading brings another, and ten thousand may wait.
        del news
        async for state in states:
            await _send(stream, state)


async def _send(stream: EventStream, challenge: Challenge) -> None:
    data = json_bytes(status_event(challenge))
    await stream.send("status", data, known_as=challenge.version, retry_ms=RETRY_MS)
