"""`GET /v1/sessions/ended`: services follow which sessions end, as server-sent events (WHATWG HTML section 9.2)."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress

from aiohttp import web

from chassis.event_stream import BEAT, EventStream
from chassis.responses import json_bytes
from services.auth.api.credentials import require_service
from services.auth.model.ended import Entry, Place, place_of
from services.auth.model.errors import FeedAway
from services.auth.ports_of_ended import EndedSessions

ENDED: web.AppKey[EndedSessions] = web.AppKey("ENDED", EndedSessions)
RETRY_MS = 1000
# A client that was disabled hears no more after this time at the latest: it has to prove anew who it is.
LONGEST_SECONDS = 600.0


async def ended(request: web.Request) -> web.StreamResponse:
    """First what is known, then `caught_up`, then each end as it happens."""
    await require_service(request)
    after = place_of(request.headers.get("Last-Event-ID", ""))
    async with aclosing(request.app[ENDED].follow(after)) as batches:
        # Before the stream is opened: what is refused can still be answered with a status.
        known = await anext(batches)
        stream = EventStream(request.app[BEAT])
        await stream.prepare(request)
        until = asyncio.get_running_loop().time() + LONGEST_SECONDS
        # Who has gone hears nothing any more, and that is no fault.
        with suppress(ConnectionResetError, TimeoutError, FeedAway):
            async with stream:
                await _send_all(stream, known)
                await _send(stream, known[-1].place if known else after, "caught_up", {})
                async for batch in batches:
                    await _send_all(stream, batch)
                    if not stream.is_open or asyncio.get_running_loop().time() > until:
                        break
    return stream


async def _send_all(stream: EventStream, entries: Sequence[Entry]) -> None:
    for entry in entries:
        await _send(stream, entry.place, "ended", {"sid": entry.session_id, "at": entry.at})


async def _send(stream: EventStream, place: Place, event: str, data: dict[str, object]) -> None:
    await stream.send(event, json_bytes(data), known_as=str(place), retry_ms=RETRY_MS)
