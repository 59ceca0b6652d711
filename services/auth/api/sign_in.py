"""`POST /v1/users` and `POST /v1/login`: a password becomes a partial token."""

from aiohttp import web
from pydantic import Field

from chassis.bodies import Body, read_json
from chassis.request import note
from chassis.responses import json_response
from services.auth.api.caller import caller_of
from services.auth.flows.login import Login
from services.auth.flows.register import Register
from services.auth.model.grant import PartialLogin

REGISTER: web.AppKey[Register] = web.AppKey("REGISTER", Register)
LOGIN: web.AppKey[Login] = web.AppKey("LOGIN", Login)


class PasswordBody(Body):
    """Wider than what is accepted: which address and which password will do is said by the model, in its own words."""

    email: str = Field(max_length=1024)
    password: str = Field(max_length=1024, repr=False)


async def register(request: web.Request) -> web.Response:
    """201 with a partial token: a login that still lacks its factor."""
    body = await read_json(request, PasswordBody)
    login = await request.app[REGISTER](body.email, body.password, caller_of(request))
    note(request, user=login.user_id, login=login.login)
    return partial_login(login, 201)


async def login(request: web.Request) -> web.Response:
    """200 with a partial token."""
    body = await read_json(request, PasswordBody)
    login = await request.app[LOGIN](body.email, body.password, caller_of(request))
    note(request, user=login.user_id, login=login.login)
    return partial_login(login, 200)


def partial_login(login: PartialLogin, status: int) -> web.Response:
    """`{mfa_token, expires_in, user_id}`."""
    answer = {
        "mfa_token": login.mfa_token,
        "expires_in": int(login.expires_in.total_seconds()),
        "user_id": login.user_id,
    }
    return json_response(answer, status)
