"""POST /oauth2/token: the exchange is the gateway's, every other grant is auth's."""

from aiohttp import web
from pydantic import ConfigDict

from chassis.bodies import Body, read_form
from chassis.responses import json_response
from chassis.standings import hearing
from gateway.api.client import client_context
from gateway.api.credentials import require_token
from gateway.api.documents import token_answer
from gateway.api.keys import AUTH, EXCHANGE
from gateway.api.passing import passed
from gateway.api.relay import relayed
from gateway.model.errors import GrantRefused, InvalidInput, ReceiptFromOutside, TokenRefused
from gateway.model.tokens import JWT_TYPE, TOKEN_EXCHANGE


class TokenBody(Body):
    """The parameters that the gateway reads; unknown ones are ignored (RFC 6749 section 3.2)."""

    model_config = ConfigDict(extra="ignore")

    grant_type: str
    subject_token: str = ""
    subject_token_type: str = ""
    client_id: str | None = None
    scope: str | None = None
    receipt: str | None = None


async def token(request: web.Request) -> web.StreamResponse:
    """RFC 8693 section 2.1 and RFC 6749 section 6."""
    body = await read_form(request, TokenBody)
    if body.receipt is not None:
        # Who could bring a receipt along could bring one that was made for somebody else.
        raise ReceiptFromOutside
    if body.grant_type == TOKEN_EXCHANGE:
        return await _exchange(request, body)
    return passed(await relayed(request, request.app[AUTH], "/oauth2/token", ("Authorization",)))


async def _exchange(request: web.Request, body: TokenBody) -> web.Response:
    parameters = {name: value for name, value in (("client_id", body.client_id), ("scope", body.scope)) if value}
    with hearing() as limits:
        tokens = await request.app[EXCHANGE](_subject(body), client_context(request), parameters)
    return json_response(token_answer(tokens), headers=limits)


def _subject(body: TokenBody) -> str:
    if not body.subject_token or body.subject_token_type != JWT_TYPE:
        raise InvalidInput({"subject_token": "send the partial token, and subject_token_type " + JWT_TYPE})
    try:
        return require_token(body.subject_token)
    except TokenRefused:
        raise GrantRefused from None
