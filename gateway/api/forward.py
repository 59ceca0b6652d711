"""One request to its upstream and back: what is small whole, all else piece by piece, as fast as the slower side."""

import asyncio
from http import HTTPStatus

import structlog
from aiohttp import ClientError, ClientResponse, web
from multidict import CIMultiDict

from chassis.direct_call import is_there
from chassis.lines import Weight
from chassis.request import WEIGHT
from gateway.api.keys import CALL_UPSTREAMS, PROXIED, STAY
from gateway.api.upstream import upstream_headers, upstream_url
from gateway.api.upstreams import be_patient
from gateway.model.decision import Approach, Forward
from gateway.model.forwarding import UpstreamBroken
from gateway.model.headers import has_controls, response_headers

log = structlog.get_logger()
# Up to this size an answer is sent in one piece, which costs less than a stream.
SMALL = 64 * 1024


async def forward(request: web.Request, approach: Approach, decision: Forward) -> web.StreamResponse:
    """The upstream's answer; raises `UpstreamAway`, `UpstreamBroken`, `UpstreamSlow` while there is none."""
    answer = await _asked(request, approach, decision)
    return await give_back(request, answer, approach, decision)


async def _asked(request: web.Request, approach: Approach, decision: Forward) -> ClientResponse:
    upstreams, headers = request.app[CALL_UPSTREAMS], upstream_headers(request, decision)
    url = upstream_url(approach, decision)
    if not request.can_read_body:
        return await upstreams.ask(request.method, url, headers)
    if is_there(request.content):
        # All of it has come, as a small body does with its head: it goes on as it came, in one piece.
        return await upstreams.ask(request.method, url, headers, request.content.read_nowait())
    return await upstreams.ask_in_pieces(request.method, url, headers, request)


async def give_back(
    request: web.Request, answer: ClientResponse, approach: Approach, decision: Forward
) -> web.StreamResponse:
    """What the upstream has begun to answer."""
    async with answer:
        # 101 that nobody asked for: a proxy before us would take what follows for another protocol.
        if answer.status < HTTPStatus.OK:
            raise UpstreamBroken
        request[PROXIED] = True
        if decision.identity is not None:
            request[WEIGHT] = Weight.SAMPLED
        headers = headers_of(answer, decision)
        if is_small(answer):
            headers.popall("Content-Length", None)
            body = await read_whole(answer)
            return web.Response(status=answer.status, reason=answer.reason, headers=headers, body=body)
        response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
        return await _stream(request, answer, response, approach, decision)


def headers_of(answer: ClientResponse, decision: Forward) -> CIMultiDict[str]:
    """The headers of an upstream's answer as the client may see them; raises `UpstreamBroken` for controls in them."""
    headers = CIMultiDict(response_headers(answer.headers.items(), answer.headers.getall("Connection", ())))
    if has_controls(headers.values()):
        raise UpstreamBroken
    if "Location" in headers:
        headers["Location"] = decision.route.public(headers["Location"])
    return headers


def is_small(answer: ClientResponse) -> bool:
    """Whether all of it may be held at once."""
    length = answer.content_length
    return length is not None and length <= SMALL and answer.method != "HEAD"


async def read_whole(answer: ClientResponse) -> bytes:
    """The body; raises `UpstreamBroken` if its end is missing."""
    content = answer.content
    if is_there(content):
        return content.read_nowait()
    try:
        return await answer.read()
    except (ClientError, OSError, TimeoutError) as broken:
        raise UpstreamBroken from broken


async def _stream(
    request: web.Request, answer: ClientResponse, response: web.StreamResponse, approach: Approach, decision: Forward
) -> web.StreamResponse:
    be_patient(answer)
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
