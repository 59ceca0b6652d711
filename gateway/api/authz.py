"""Forward-auth: a proxy in front asks about each request, and forwards it itself with what is answered here.

The same decision as the proxy's, in the words that each proxy understands. Only `FORWARD_AUTH_PROXIES` may ask.
"""

from aiohttp import web

from gateway.api.asked import envoy_line, forwarded_line, nginx_line
from gateway.api.judging import JUDGE, judged
from gateway.api.keys import AUTHORIZE
from gateway.api.quick_pass import FORWARDED, NGINX
from gateway.api.sign_in_address import sign_in_address
from gateway.api.whole import Whole
from gateway.model.decision import SignInFirst


async def auth_request(request: web.Request) -> web.StreamResponse:
    """GET /authz/auth-request, for nginx: 204, 401 or 403, always empty, for it reads no body and no other status.

    Where a person must sign in first, 401 says so in Location, which the configuration turns into a redirect.
    """
    policy = request.app[AUTHORIZE].policies.current
    decision = await judged(request, nginx_line)
    if isinstance(decision, SignInFirst):
        return web.Response(status=401, headers={"Location": sign_in_address(decision)})
    lines = request.app[JUDGE].told(request, decision)
    request.app[NGINX].learn(request, decision, policy, lines)
    return Whole(204, lines)


async def forward_auth(request: web.Request) -> web.StreamResponse:
    """GET /authz/forward-auth, for Traefik, Caddy and HAProxy: 204; anything else is the client's answer."""
    policy = request.app[AUTHORIZE].policies.current
    decision = await judged(request, forwarded_line)
    if isinstance(decision, SignInFirst):
        return web.Response(status=303, headers={"Location": sign_in_address(decision)})
    lines = request.app[JUDGE].told(request, decision)
    request.app[FORWARDED].learn(request, decision, policy, lines)
    return Whole(204, lines)


async def ext_authz(request: web.Request) -> web.StreamResponse:
    """Any method, /authz/ext-authz and then the path, for Envoy: 200; anything else is the client's answer."""
    decision = await judged(request, envoy_line)
    if isinstance(decision, SignInFirst):
        return web.Response(status=303, headers={"Location": sign_in_address(decision)})
    # Envoy lets in with 200 and with no other status.
    return Whole(200, request.app[JUDGE].told(request, decision))
