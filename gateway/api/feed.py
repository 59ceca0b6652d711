"""GET /v1/sessions/ended: services follow which sessions end. auth's feed, event by event."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from chassis.event_stream import HEADERS, SEND_SECONDS
from gateway.api.client import client_context
from gateway.api.keys import DRAINING, FEED
from gateway.api.passing import passed
from gateway.api.relay import plain_headers
from gateway.model.answer import PeerAnswer

NAMES = ("Authorization", "Last-Event-ID")


async def ended(request: web.Request) -> web.StreamResponse:
    """The feed until either side closes it, or this process drains."""
    headers = plain_headers(request, NAMES)
    async with request.app[FEED].follow(client_context(request), headers) as found:
        if isinstance(found, PeerAnswer):
            return passed(found)
        response = web.StreamResponse(headers=HEADERS)
        await response.prepare(request)
        pouring = asyncio.create_task(_pour(found, response))
        draining = asyncio.create_task(request.app[DRAINING].wait())
        try:
            await asyncio.wait({pouring, draining}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pouring, draining):
                task.cancel()
            await asyncio.gather(pouring, draining, return_exceptions=True)
    return response


async def _pour(pieces: AsyncIterator[bytes], response: web.StreamResponse) -> None:
    with suppress(ConnectionResetError, TimeoutError):
        async for piece in pieces:
            async with asyncio.timeout(SEND_SECONDS):
                await response.write(piece)
