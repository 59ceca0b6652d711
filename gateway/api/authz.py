"""Forward-auth: a proxy in front asks about each request, and forwards it itself with what is answered here.

The same decision as the proxy's, in the words that each proxy understands. Only `FORWARD_AUTH_PROXIES` may ask.
"""

from collections.abc import Callable

from aiohttp import web
from multidict import CIMultiDict

from chassis.lines import Weight
from chassis.request import WEIGHT, note
from gateway.api.approach import Line, approach_by
from gateway.api.asked import envoy_line, forwarded_line, nginx_line, require_proxy
from gateway.api.keys import ASSERTIONS, AUTHORIZE, PROXIED
from gateway.api.sign_in_address import sign_in_address
from gateway.model.decision import Decision, Forward, SignInFirst
from gateway.model.headers import other_cookies
from gateway.model.identity import IDENTITY_HEADERS, identity_headers

NOBODY = tuple((name, "") for name in IDENTITY_HEADERS)


async def auth_request(request: web.Request) -> web.Response:
    """GET /authz/auth-request, for nginx: 204, 401 or 403, always empty, for it reads no body and no other status.

    Where a person must sign in first, 401 says so in Location, which the configuration turns into a redirect.
    """
    decision = await _decided(request, nginx_line)
    if isinstance(decision, SignInFirst):
        return web.Response(status=401, headers={"Location": sign_in_address(decision)})
    return web.Response(status=204, headers=_told(request, decision))


async def forward_auth(request: web.Request) -> web.Response:
    """GET /authz/forward-auth, for Traefik, Caddy and HAProxy: 204; anything else is the client's answer."""
    decision = await _decided(request, forwarded_line)
    if isinstance(decision, SignInFirst):
        return web.Response(status=303, headers={"Location": sign_in_address(decision)})
    return web.Response(status=204, headers=_told(request, decision))


async def ext_authz(request: web.Request) -> web.Response:
    """Any method, /authz/ext-authz and then the path, for Envoy: 200; anything else is the client's answer."""
    decision = await _decided(request, envoy_line)
    if isinstance(decision, SignInFirst):
        return web.Response(status=303, headers={"Location": sign_in_address(decision)})
    # Envoy lets in with 200 and with no other status.
    return web.Response(status=200, headers=_told(request, decision))


async def _decided(request: web.Request, line_of: Callable[[web.Request], Line]) -> Decision:
    require_proxy(request)
    # A proxy writes its own line about each request that it lets on.
    request[WEIGHT] = Weight.QUIET
    return await request.app[AUTHORIZE](approach_by(line_of(request), request.headers))


def _told(request: web.Request, decision: Forward) -> CIMultiDict[str]:
    """What the proxy sets on the request before it forwards it: ours, and what is left of its credentials."""
    # No browser reads this answer.
    request[PROXIED] = True
    cookies = [other for value in request.headers.getall("Cookie", ()) if (other := other_cookies(value))]
    # The cookie and the token are the gateway's: an upstream that saw them could act as the person elsewhere.
    rest = (("Cookie", "; ".join(cookies)), ("Authorization", ""))
    if decision.identity is None:
        return CIMultiDict((*NOBODY, *rest))
    note(request, user=decision.identity.subject)
    assertion = request.app[ASSERTIONS].for_upstream(decision.identity, decision.route.name)
    return CIMultiDict((*identity_headers(decision.identity, assertion), *rest))
