"""GET /v1/mfa/challenges/{id}/events: server-sent events (WHATWG HTML section 9.2)."""

from contextlib import aclosing, suppress

from aiohttp import web

from chassis.event_stream import BEAT, EventStream
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
    async with aclosing(request.app[WAITING](bearer(request), request.match_info["id"])) as states:
        # Read before the stream is opened: what is refused can still be answered with a status.
        first = await anext(states)
        if first.is_settled and first.version == known:
            return web.Response(status=204)
        stream = EventStream(request.app[BEAT])
        await stream.prepare(request)
        # Who has gone hears nothing any more, and that is no fault.
        with suppress(ConnectionResetError, TimeoutError):
            async with stream:
                if first.version != known:
                    await _send(stream, first)
                # It was said; the next reading brings another, and ten thousand may wait.
                del first
                async for state in states:
                    await _send(stream, state)
    return stream


async def _send(stream: EventStream, challenge: Challenge) -> None:
    data = json_bytes(status_event(challenge))
    await stream.send("status", data, known_as=challenge.version, retry_ms=RETRY_MS)
