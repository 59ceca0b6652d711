"""`POST /v1/users/me/password`: another password, and the other sessions end. `POST /v1/login/password`: before any."""

from aiohttp import web
from pydantic import Field

from chassis.bodies import Body, read_json
from services.auth.api.bearer import require_session
from services.auth.api.caller import caller_of
from services.auth.api.token import first_grant
from services.auth.flows.change_password import ChangePassword
from services.auth.flows.read_token import require_presented
from services.auth.flows.renew_password import RenewPassword

RENEW_PASSWORD: web.AppKey[RenewPassword] = web.AppKey("RENEW_PASSWORD", RenewPassword)
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


class RenewBody(Body):
    """`{"new_password": "..."}`, with the `password_token` as bearer token."""

    new_password: str = Field(max_length=1024, repr=False)


async def renew(request: web.Request) -> web.Response:
    """`POST /v1/login/password`: 200 with the tokens of a session, as from the token endpoint."""
    token = require_presented(request.headers)
    body = await read_json(request, RenewBody)
    return first_grant(await request.app[RENEW_PASSWORD](token, body.new_password, caller_of(request)))
