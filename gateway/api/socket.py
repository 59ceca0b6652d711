"""GET /v1/mfa/challenges/{id}/ws: the same messages over a WebSocket (RFC 6455)."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, suppress
from typing import Any

from aiohttp import WSCloseCode, web

from chassis.responses import json_bytes
from gateway.api.credentials import PROTOCOL, require_own_origin, websocket_token
from gateway.api.documents import status_event
from gateway.api.keys import WAITING
from gateway.model.challenge import Challenge

HEARTBEAT = 20.0
SEND_SECONDS = 10.0
MAX_MESSAGE = 1024


async def socket(request: web.Request) -> web.StreamResponse:
    """A message now and at each change; closed with 1000 once settled, 1001 when this process drains."""
    require_own_origin(request)
    async with aclosing(request.app[WAITING](websocket_token(request), request.match_info["id"])) as states:
        # Read before the upgrade: what is refused can still be answered with a status.
        first = await anext(states)
        ws = web.WebSocketResponse(protocols=(PROTOCOL,), heartbeat=HEARTBEAT, max_msg_size=MAX_MESSAGE)
        await ws.prepare(request)
        await ws.close(code=await first_of(_tell(ws, first, states), _listen(ws)))
    return ws


async def _tell(ws: web.WebSocketResponse, first: Challenge, states: AsyncIterator[Challenge]) -> int:
    latest = first
    with suppress(ConnectionResetError, TimeoutError):
        await _send(ws, first)
        async for latest in states:
            await _send(ws, latest)
    return WSCloseCode.OK if latest.is_settled else WSCloseCode.GOING_AWAY


async def _send(ws: web.WebSocketResponse, challenge: Challenge) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await ws.send_str(json_bytes(status_event(challenge)).decode())


async def _listen(ws: web.WebSocketResponse) -> int:
    # Nothing is asked of the client: whoever talks is shown out, whoever leaves is noticed.
    async for _message in ws:
        return WSCloseCode.POLICY_VIOLATION
    return WSCloseCode.OK


async def first_of(*stories: Coroutine[Any, Any, int]) -> int:
    """The result of the story that ends first; the others are stopped."""
    tasks = [asyncio.ensure_future(story) for story in stories]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return ended.pop().result()
