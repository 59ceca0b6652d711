"""`GET /v1/sessions/ended`: services follow which sessions end, as server-sent events (WHATWG HTML section 9.2)."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from functools import partial

from aiohttp import web

from chassis.event_stream import EventStream, begin
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
    batches = request.app[ENDED].follow(after)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(aclosing(batches))
        # Before the stream is opened: what is refused can still be answered with a status.
        known = await anext(batches)
        answer = await begin(request, partial(_tell, known, known[-1].place if known else after, batches))
        # Theirs to close who tell them.
        stack.pop_all()
    return answer


async def _tell(
    known: Sequence[Entry], place: Place, batches: AsyncGenerator[Sequence[Entry]], stream: EventStream
) -> None:
    until = asyncio.get_running_loop().time() + LONGEST_SECONDS
    with suppress(FeedAway):
        async with aclosing(batches):
            await _send_all(stream, known)
            await _send(stream, place, "caught_up", {})
            async for batch in batches:
                await _send_all(stream, batch)
                if asyncio.get_running_loop().time() > until:
                    break


async def _send_all(stream: EventStream, entries: Sequence[Entry]) -> None:
    for entry in entries:
        await _send(stream, entry.place, "ended", {"sid": entry.session_id, "at": entry.at})


async def _send(stream: EventStream, place: Place, event: str, data: dict[str, object]) -> None:
    await stream.send(event, json_bytes(data), known_as=str(place), retry_ms=RETRY_MS)
