"""Whatever is not the gateway's own: decided by the policy, forwarded to its upstream, streamed both ways."""

from typing import assert_never
from urllib.parse import quote

from aiohttp import web

from gateway.api.approach import approach_of
from gateway.api.forward import forward
from gateway.api.keys import AUTHORIZE
from gateway.api.passing import Handler
from gateway.api.tunnel import tunnel
from gateway.model.decision import Forward, SignInFirst

# TRACE would show a caller the headers that only an upstream may see; CONNECT is for other proxies.
REFUSED_METHODS = frozenset({"TRACE", "CONNECT"})


@web.middleware
async def forward_unknown(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What no route of ours knows goes to the policy; a wrong method on one that we know stays 405."""
    unknown = request.match_info.http_exception
    if unknown is None or unknown.status != web.HTTPNotFound.status_code:
        return await handler(request)
    return await proxy(request)


async def proxy(request: web.Request) -> web.StreamResponse:
    """The upstream's answer, or 303 to the sign-in page, or what `Authorize` refuses."""
    if request.method in REFUSED_METHODS:
        raise web.HTTPMethodNotAllowed(request.method, ["GET", "POST", "PUT", "PATCH", "DELETE"])
    approach = approach_of(request)
    decision = await request.app[AUTHORIZE](approach)
    match decision:
        case SignInFirst(return_to):
            return web.Response(status=303, headers={"Location": f"/sign-in?return_to={quote(return_to, safe='')}"})
        case Forward() if approach.is_socket:
            return await tunnel(request, approach, decision)
        case Forward():
            return await forward(request, approach, decision)
    assert_never(decision)
