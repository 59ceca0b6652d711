"""POST /oauth2/token: what needs the second factor is the gateway's, every other grant is auth's."""

from aiohttp import web
from pydantic import ConfigDict, Field

from chassis.bodies import Body, read_form
from chassis.responses import json_response
from chassis.standings import hearing
from gateway.api.client import client_context
from gateway.api.credentials import require_token
from gateway.api.documents import token_answer
from gateway.api.keys import AUTH, EXCHANGE
from gateway.api.passing import passed
from gateway.api.relay import relayed
from gateway.model.code_at_hand import CodeAtHand, without_blanks
from gateway.model.errors import GrantRefused, InvalidInput, ReceiptFromOutside, TokenRefused
from gateway.model.tokens import CODE_GRANTS, JWT_TYPE, MFA_RECOVERY_CODE, TOKEN_EXCHANGE, Tokens

# What shows codes without being asked; what is sent first has a challenge of its own.
SHOWN_BY = ("app", "totp")


class TokenBody(Body):
    """The parameters that the gateway reads; unknown ones are ignored (RFC 6749 section 3.2)."""

    model_config = ConfigDict(extra="ignore")

    grant_type: str
    subject_token: str = Field("", repr=False)
    subject_token_type: str = ""
    mfa_token: str = Field("", repr=False)
    otp: str = Field("", max_length=64, repr=False)
    recovery_code: str = Field("", max_length=64, repr=False)
    channel: str = ""
    factor_id: str = Field("", max_length=64)
    client_id: str | None = None
    scope: str | None = None
    receipt: str | None = Field(None, repr=False)


async def token(request: web.Request) -> web.StreamResponse:
    """RFC 8693 section 2.1 and RFC 6749 section 6; Auth0's grants for a code at hand."""
    body = await read_form(request, TokenBody)
    if body.receipt is not None:
        # Who could bring a receipt along could bring one that was made for somebody else.
        raise ReceiptFromOutside
    if body.grant_type not in {TOKEN_EXCHANGE, *CODE_GRANTS}:
        return passed(await relayed(request, request.app[AUTH], "/oauth2/token", ("Authorization",)))
    with hearing() as limits:
        tokens = await _session(request, body)
    return json_response(token_answer(tokens), headers=limits)


async def _session(request: web.Request, body: TokenBody) -> Tokens:
    exchange, client = request.app[EXCHANGE], client_context(request)
    parameters = {name: value for name, value in (("client_id", body.client_id), ("scope", body.scope)) if value}
    if body.grant_type == TOKEN_EXCHANGE:
        return await exchange(_subject(body), client, parameters)
    return await exchange.with_code(_partial("mfa_token", body.mfa_token), _code(body), client, parameters)


def _subject(body: TokenBody) -> str:
    if body.subject_token_type != JWT_TYPE:
        raise InvalidInput({"subject_token_type": "is to be " + JWT_TYPE})
    return _partial("subject_token", body.subject_token)


def _partial(name: str, text: str) -> str:
    if not text:
        raise InvalidInput({name: "is missing; send the partial token"})
    try:
        return require_token(text)
    except TokenRefused:
        raise GrantRefused from None


def _code(body: TokenBody) -> CodeAtHand:
    if body.grant_type == MFA_RECOVERY_CODE:
        return CodeAtHand(_typed("recovery_code", body.recovery_code), "recovery")
    if body.channel and body.factor_id:
        raise InvalidInput({"channel": "and factor_id are two ways to say the same: send one"})
    if body.channel and body.channel not in SHOWN_BY:
        raise InvalidInput({"channel": f"is one of {', '.join(SHOWN_BY)} here"})
    return CodeAtHand(_typed("otp", body.otp), body.channel, body.factor_id)


def _typed(name: str, text: str) -> str:
    code = without_blanks(text)
    if not code:
        raise InvalidInput({name: "is missing"})
    return code
