"""POST /v1/users, POST /v1/login: the first factor."""

from aiohttp import web
from pydantic import Field

from chassis.bodies import Body, read_json
from chassis.request import note
from chassis.responses import json_response
from chassis.standings import hearing
from gateway.api.client import client_context
from gateway.api.documents import begun_login, partial_login
from gateway.api.keys import SIGN_IN, SIGN_UP
from gateway.api.preferences import MINIMAL, prefers_minimal


class Phone(Body):
    """A phone in national form: `{"country_code": "44", "number": "7700 900123"}`."""

    country_code: str = Field(max_length=8)
    number: str = Field(max_length=64)


class RegisterBody(Body):
    """A new account; with `phone` the factor is enrolled in the same call."""

    email: str
    password: str
    phone: Phone | None = None


class LoginBody(Body):
    """E-mail and password."""

    email: str
    password: str


async def register(request: web.Request) -> web.Response:
    """POST /v1/users: 201 with a partial token, like a login that still lacks its factor."""
    body = await read_json(request, RegisterBody)
    phone = (body.phone.country_code, body.phone.number) if body.phone else None
    with hearing() as limits:
        login = await request.app[SIGN_UP](body.email, body.password, client_context(request), phone)
    note(request, user=login.partial.user_id)
    return json_response(begun_login(login), 201, limits)


async def login(request: web.Request) -> web.Response:
    """POST /v1/login: 200 with a partial token and the ways to confirm; with `Prefer: return=minimal` without these."""
    body = await read_json(request, LoginBody)
    if prefers_minimal(request):
        return await _login_alone(request, body)
    with hearing() as limits:
        begun = await request.app[SIGN_IN](body.email, body.password, client_context(request))
    note(request, user=begun.partial.user_id)
    return json_response(begun_login(begun), headers=limits)


async def _login_alone(request: web.Request, body: LoginBody) -> web.Response:
    # Whoever has a code at hand need not be told what else there is: nobody asks twofactor for it.
    with hearing() as limits:
        partial = await request.app[SIGN_IN].first(body.email, body.password, client_context(request))
    note(request, user=partial.user_id)
    return json_response(partial_login(partial), headers={**limits, **MINIMAL})
