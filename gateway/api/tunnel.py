"""A WebSocket through the gateway (RFC 6455): message by message, both ways, with its closing code."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import ClientError, ClientWebSocketResponse, WSCloseCode, WSMsgType, WSServerHandshakeError, web
from aiohttp.client_exceptions import ClientConnectorError

from gateway.api.keys import DRAINING, PROXIED, STAY, UPSTREAM_SECONDS, UPSTREAMS
from gateway.api.socket import first_of
from gateway.api.upstream import upstream_headers, upstream_url
from gateway.model.decision import Approach, Forward
from gateway.model.forwarding import UpstreamAway, UpstreamBroken, UpstreamSlow
from gateway.model.identity import Identity

MAX_MESSAGE = 4 * 1024 * 1024
# Each hop asks its own other end whether it is there.
HEARTBEAT = 30.0
Socket = ClientWebSocketResponse | web.WebSocketResponse


async def tunnel(request: web.Request, approach: Approach, decision: Forward) -> web.StreamResponse:
    """Opens the upstream's end first, so that its refusal can still be an answer."""
    behind = await _open(request, approach, decision)
    request[PROXIED] = True
    async with behind:
        chosen = (behind.protocol,) if behind.protocol else ()
        front = web.WebSocketResponse(protocols=chosen, heartbeat=HEARTBEAT, autoclose=False, max_msg_size=MAX_MESSAGE)
        await front.prepare(request)
        stories = [_pump(front, behind), _pump(behind, front), _drain(request.app[DRAINING])]
        if decision.identity is not None:
            stories.append(_stay(request, approach, decision.identity))
        code = await first_of(*stories)
        await asyncio.gather(front.close(code=code), behind.close(code=code))
    return front


async def _open(request: web.Request, approach: Approach, decision: Forward) -> ClientWebSocketResponse:
    offered = request.headers.get("Sec-WebSocket-Protocol", "")
    try:
        async with asyncio.timeout(request.app[UPSTREAM_SECONDS]):
            return await request.app[UPSTREAMS].ws_connect(
                upstream_url(approach, decision, scheme="ws"),
                headers=upstream_headers(request, decision),
                protocols=[name.strip() for name in offered.split(",") if name.strip()],
                heartbeat=HEARTBEAT,
                autoclose=False,
                max_msg_size=MAX_MESSAGE,
            )
    except ClientConnectorError as away:
        raise UpstreamAway from away
    except TimeoutError as slow:
        raise UpstreamSlow from slow
    except WSServerHandshakeError as refused:
        raise _refusal(refused.status) from refused
    except (ClientError, OSError, ValueError) as broken:
        raise UpstreamBroken from broken


def _refusal(status: int) -> Exception:
    known: Mapping[int, Exception] = {403: web.HTTPForbidden(), 404: web.HTTPNotFound(), 400: web.HTTPBadRequest()}
    return known.get(status, UpstreamBroken())


async def _drain(draining: asyncio.Event) -> int:
    await draining.wait()
    return WSCloseCode.GOING_AWAY


async def _stay(request: web.Request, approach: Approach, identity: Identity) -> int:
    await request.app[STAY](approach, identity)
    return WSCloseCode.POLICY_VIOLATION


async def _pump(source: Socket, target: Socket) -> int:
    """Passes on what comes; answers the code that both ends are closed with."""
    with suppress(ConnectionResetError, ClientError):
        while True:
            message = await source.receive()
            if message.type is WSMsgType.TEXT:
                await target.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await target.send_bytes(message.data)
            else:
                return _code(source)
    return WSCloseCode.GOING_AWAY


def _code(source: Socket) -> int:
    # 1005, 1006 and 1015 say that there was no code; they may not be sent (RFC 6455 section 7.4.1).
    code = source.close_code
    if code is None or code in {1005, 1006, 1015}:
        return WSCloseCode.OK if code == 1005 else WSCloseCode.GOING_AWAY
    return code
