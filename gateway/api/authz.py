"""Forward-auth: a proxy in front asks about each request, and forwards it itself with what is answered here.

The same decision as the proxy's, in the words that each proxy understands. Only `FORWARD_AUTH_PROXIES` may ask.
"""

from aiohttp import web
from multidict import CIMultiDict

from gateway.api.approach import Line, approach_by
from gateway.api.asked import envoy_line, forwarded_line, nginx_line, require_proxy
from gateway.api.keys import ASSERTIONS, AUTHORIZE
from gateway.api.sign_in_address import sign_in_address
from gateway.model.decision import Decision, Forward, SignInFirst
from gateway.model.headers import other_cookies
from gateway.model.identity import IDENTITY_HEADERS, identity_headers

NOTHING = dict.fromkeys(IDENTITY_HEADERS, "")


async def auth_request(request: web.Request) -> web.Response:
    """GET /authz/auth-request, for nginx: 204, 401 or 403, always empty, for it reads no body and no other status.

    Where a person must sign in first, 401 says so in Location, which the configuration turns into a redirect.
    """
    require_proxy(request)
    decision = await _decided(request, nginx_line(request.headers))
    if isinstance(decision, SignInFirst):
        return web.Response(status=401, headers={"Location": sign_in_address(decision)})
    return web.Response(status=204, headers=_told(request, decision))


async def forward_auth(request: web.Request) -> web.Response:
    """GET /authz/forward-auth, for Traefik, Caddy and HAProxy: 204; anything else is the client's answer."""
    require_proxy(request)
    decision = await _decided(request, forwarded_line(request.headers))
    if isinstance(decision, SignInFirst):
        return web.Response(status=303, headers={"Location": sign_in_address(decision)})
    return web.Response(status=204, headers=_told(request, decision))


async def ext_authz(request: web.Request) -> web.Response:
    """Any method, /authz/ext-authz and then the path, for Envoy: 200; anything else is the client's answer."""
    require_proxy(request)
    decision = await _decided(request, envoy_line(request))
    if isinstance(decision, SignInFirst):
        return web.Response(status=303, headers={"Location": sign_in_address(decision)})
    # Envoy lets in with 200 and with no other status.
    return web.Response(status=200, headers=_told(request, decision))


async def _decided(request: web.Request, line: Line) -> Decision:
    return await request.app[AUTHORIZE](approach_by(line, request.headers))


def _told(request: web.Request, decision: Forward) -> CIMultiDict[str]:
    """What the proxy sets on the request before it forwards it: ours, and what is left of its credentials."""
    told = CIMultiDict(NOTHING)
    if decision.identity is not None:
        assertion = request.app[ASSERTIONS].for_upstream(decision.identity, decision.route.name)
        told.update(identity_headers(decision.identity, assertion))
    cookies = [other for value in request.headers.getall("Cookie", ()) if (other := other_cookies(value))]
    # The cookie and the token are the gateway's: an upstream that saw them could act as the person elsewhere.
    told["Cookie"], told["Authorization"] = "; ".join(cookies), ""
    return told
