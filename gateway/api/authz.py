"""Forward-auth: a proxy in front asks about each request, and forwards it itself with what is answered here.

The same decision as the proxy's, in the words that each proxy understands. Only `FORWARD_AUTH_PROXIES` may ask.
"""

from collections.abc import Callable, Sequence

from aiohttp import web

from chassis.lines import Weight
from chassis.request import WEIGHT, note
from gateway.api.approach import Line, approach_by
from gateway.api.asked import envoy_line, forwarded_line, nginx_line, require_proxy
from gateway.api.keys import ASSERTIONS, AUTHORIZE
from gateway.api.quick_pass import FORWARDED, NGINX
from gateway.api.sign_in_address import sign_in_address
from gateway.api.whole import Whole
from gateway.model.decision import Decision, Forward, SignInFirst
from gateway.model.headers import other_cookies
from gateway.model.identity import IDENTITY_HEADERS, Told, header_lines

NOBODY = Told(tuple((name, "") for name in IDENTITY_HEADERS))
NOTHING_ELSE = header_lines((("Cookie", ""), ("Authorization", "")))


async def auth_request(request: web.Request) -> web.StreamResponse:
    """GET /authz/auth-request, for nginx: 204, 401 or 403, always empty, for it reads no body and no other status.

    Where a person must sign in first, 401 says so in Location, which the configuration turns into a redirect.
    """
    policy = request.app[AUTHORIZE].policies.current
    decision = await _decided(request, nginx_line)
    if isinstance(decision, SignInFirst):
        return web.Response(status=401, headers={"Location": sign_in_address(decision)})
    lines = _told(request, decision)
    request.app[NGINX].learn(request, decision, policy, lines)
    return Whole(204, lines)


async def forward_auth(request: web.Request) -> web.StreamResponse:
    """GET /authz/forward-auth, for Traefik, Caddy and HAProxy: 204; anything else is the client's answer."""
    policy = request.app[AUTHORIZE].policies.current
    decision = await _decided(request, forwarded_line)
    if isinstance(decision, SignInFirst):
        return web.Response(status=303, headers={"Location": sign_in_address(decision)})
    lines = _told(request, decision)
    request.app[FORWARDED].learn(request, decision, policy, lines)
    return Whole(204, lines)


async def ext_authz(request: web.Request) -> web.StreamResponse:
    """Any method, /authz/ext-authz and then the path, for Envoy: 200; anything else is the client's answer."""
    decision = await _decided(request, envoy_line)
    if isinstance(decision, SignInFirst):
        return web.Response(status=303, headers={"Location": sign_in_address(decision)})
    # Envoy lets in with 200 and with no other status.
    return Whole(200, _told(request, decision))


async def _decided(request: web.Request, line_of: Callable[[web.Request], Line]) -> Decision:
    require_proxy(request)
    # A proxy writes its own line about each request that it lets on.
    request[WEIGHT] = Weight.QUIET
    return await request.app[AUTHORIZE](approach_by(line_of(request), request.headers))


def _told(request: web.Request, decision: Forward) -> bytes:
    """What the proxy sets on the request before it forwards it: ours, and what is left of its credentials."""
    identity = decision.identity
    if identity is None:
        told = NOBODY
    else:
        note(request, user=identity.subject)
        told = request.app[ASSERTIONS].told(identity, decision.route.name)
    return told.lines + _rest(request.headers.getall("Cookie", ()))


def _rest(cookies: Sequence[str]) -> bytes:
    # The cookie and the token are the gateway's: an upstream that saw them could act as the person elsewhere.
    others = [other for value in cookies if (other := other_cookies(value))]
    return header_lines((("Cookie", "; ".join(others)), ("Authorization", ""))) if others else NOTHING_ELSE
