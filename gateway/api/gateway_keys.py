"""GET /.well-known/gateway/jwks.json: the keys of identity assertions."""

from aiohttp import web

from chassis.responses import json_response
from gateway.api.keys import ASSERTIONS


async def gateway_keys(request: web.Request) -> web.Response:
    """RFC 7517 section 5; kept for minutes by those who verify."""
    return json_response(request.app[ASSERTIONS].jwks(), headers={"Cache-Control": "public, max-age=300"})
