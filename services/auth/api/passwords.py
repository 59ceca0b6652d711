"""`POST /v1/users/me/password`: another password, and the other sessions end."""

from aiohttp import web
from pydantic import Field

from chassis.bodies import Body, read_json
from services.auth.api.bearer import require_session
from services.auth.api.caller import caller_of
from services.auth.flows.change_password import ChangePassword

CHANGE_PASSWORD: web.AppKey[ChangePassword] = web.AppKey("CHANGE_PASSWORD", ChangePassword)


class ChangeBody(Body):
    """Wider than what is accepted, as in `sign_in`."""

    current_password: str = Field(max_length=1024, repr=False)
    new_password: str = Field(max_length=1024, repr=False)


async def change(request: web.Request) -> web.Response:
    """204; 401 when the second factor is too long ago (RFC 9470)."""
    session = await require_session(request)
    body = await read_json(request, ChangeBody)
    await request.app[CHANGE_PASSWORD](session, body.current_password, body.new_password, caller_of(request))
    return web.Response(status=204)
