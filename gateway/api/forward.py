"""One request to its upstream and back, in pieces as they come: nothing is kept, and the slower side sets the pace."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus

import structlog
from aiohttp import ClientError, ClientResponse, ServerTimeoutError, web
from aiohttp.client_exceptions import ClientConnectorError
from multidict import CIMultiDict

from chassis.lines import Weight
from chassis.request import WEIGHT
from gateway.api.keys import PROXIED, STAY, UPSTREAM_SECONDS, UPSTREAMS
from gateway.api.upstream import upstream_headers, upstream_url
from gateway.model.decision import Approach, Forward
from gateway.model.forwarding import UpstreamAway, UpstreamBroken, UpstreamSlow
from gateway.model.headers import response_headers

log = structlog.get_logger()
# Up to this size an answer is sent in one piece, which costs less than a stream.
SMALL = 64 * 1024


async def forward(request: web.Request, approach: Approach, decision: Forward) -> web.StreamResponse:
    """The upstream's answer; raises `UpstreamAway`, `UpstreamBroken`, `UpstreamSlow` while there is none."""
    headers = upstream_headers(request, decision)
    url = upstream_url(approach, decision)
    seconds = request.app[UPSTREAM_SECONDS]
    try:
        async with asyncio.timeout(seconds) as deadline:
            body = _pieces(request, deadline, seconds) if request.can_read_body else None
            answer = await request.app[UPSTREAMS].request(
                request.method, url, headers=headers, data=body, allow_redirects=False
            )
    except ClientConnectorError as away:
        raise UpstreamAway from away
    except (TimeoutError, ServerTimeoutError) as slow:
        raise UpstreamSlow from slow
    except (ClientError, OSError, ValueError) as broken:
        raise UpstreamBroken from broken
    async with answer:
        # 101 that nobody asked for: a proxy before us would take what follows for another protocol.
        if answer.status < HTTPStatus.OK:
            raise UpstreamBroken
        return await _answer(request, answer, approach, decision)


async def _pieces(request: web.Request, deadline: asyncio.Timeout, seconds: float) -> AsyncIterator[bytes]:
    async for piece in request.content.iter_any():
        # A long upload is no slow upstream, as long as it goes on (an early answer has ended the deadline).
        with suppress(RuntimeError):
            deadline.reschedule(asyncio.get_running_loop().time() + seconds)
        yield piece


async def _answer(
    request: web.Request, answer: ClientResponse, approach: Approach, decision: Forward
) -> web.StreamResponse:
    request[PROXIED] = True
    if decision.identity is not None:
        request[WEIGHT] = Weight.SAMPLED
    headers = CIMultiDict(response_headers(answer.headers.items(), answer.headers.getall("Connection", ())))
    if "Location" in headers:
        headers["Location"] = decision.route.public(headers["Location"])
    length = answer.content_length
    if length is not None and length <= SMALL and request.method != "HEAD":
        headers.popall("Content-Length", None)
        try:
            return web.Response(status=answer.status, reason=answer.reason, headers=headers, body=await answer.read())
        except (ClientError, OSError, TimeoutError) as broken:
            raise UpstreamBroken from broken
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
    await response.prepare(request)
    ending = asyncio.create_task(_end_with_session(request, approach, decision)) if decision.identity else None
    try:
        await _pour(request, answer, response)
    finally:
        if ending is not None:
            ending.cancel()
    return response


async def _pour(request: web.Request, answer: ClientResponse, response: web.StreamResponse) -> None:
    try:
        async for piece in answer.content.iter_any():
            await response.write(piece)
        await response.write_eof()
    except ConnectionResetError:
        return
    except (ClientError, OSError, TimeoutError) as broken:
        log.warning("upstream_broke_off", kind=type(broken).__name__)
        # The answer has begun: only a broken connection tells the client that its end is missing.
        if request.transport is not None:
            request.transport.abort()


async def _end_with_session(request: web.Request, approach: Approach, decision: Forward) -> None:
    """A stream does not outlive the session that opened it."""
    await request.app[STAY](approach, decision.identity)
    if request.transport is not None:
        request.transport.abort()
