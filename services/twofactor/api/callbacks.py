"""`POST /callbacks/authy`: no token, the signature speaks. Other methods are refused by the router (405)."""

from aiohttp import web

from chassis.request import note
from chassis.responses import json_response
from services.twofactor.api.context import read_context
from services.twofactor.flows.receive_callback import Letter, ReceiveCallback

RECEIVE: web.AppKey[ReceiveCallback] = web.AppKey("RECEIVE", ReceiveCallback)


async def receive_callback(request: web.Request) -> web.Response:
    """200 when it has taken effect or came too late; the body is read whole, and capped by the application."""
    body = await request.read()
    about = await request.app[RECEIVE](Letter(request.method, request.headers, body), read_context(request))
    note(request, user=about.user, login=about.login, challenge=about.id)
    return json_response({"success": True})
