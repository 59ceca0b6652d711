"""`POST /oauth2/token`: strict OAuth, two grants."""

from aiohttp import web

from chassis.bodies import read_form
from chassis.responses import json_response
from countersign.claims import ACCESS_AUDIENCE
from services.auth.api.caller import caller_of
from services.auth.api.credentials import CLIENTS, OAuthForm, credentials_of
from services.auth.flows.exchange import Exchange
from services.auth.flows.refresh import Refresh
from services.auth.model.errors import InvalidTarget, InvalidTokenRequest, UnsupportedGrantType
from services.auth.model.grant import ExchangeRequest, Grant, GrantType, RefreshRequest
from services.auth.model.scope import written

EXCHANGE: web.AppKey[Exchange] = web.AppKey("EXCHANGE", Exchange)
REFRESH: web.AppKey[Refresh] = web.AppKey("REFRESH", Refresh)

JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt"
ACCESS_TYPE = "urn:ietf:params:oauth:token-type:access_token"


class TokenForm(OAuthForm):
    """Both grants' parameters (RFC 8693 section 2.1, RFC 6749 section 6); `receipt` is ours."""

    grant_type: str | None = None
    subject_token: str | None = None
    subject_token_type: str | None = None
    receipt: str | None = None
    requested_token_type: str | None = None
    actor_token: str | None = None
    audience: str | None = None
    resource: str | None = None
    refresh_token: str | None = None
    scope: str | None = None


async def token(request: web.Request) -> web.Response:
    """A grant (RFC 6749 section 5.1), or an error by section 5.2."""
    form = await read_form(request, TokenForm)
    client_id = request.app[CLIENTS].require_known(credentials_of(request, form))
    match form.grant_type:
        case GrantType.TOKEN_EXCHANGE:
            exchanged = await request.app[EXCHANGE](_exchange_request(request, form, client_id))
            return json_response({**_answer(exchanged), "issued_token_type": ACCESS_TYPE})
        case GrantType.REFRESH_TOKEN:
            return json_response(_answer(await request.app[REFRESH](_refresh_request(form, client_id))))
        case None:
            raise InvalidTokenRequest
        case _:
            raise UnsupportedGrantType


def _exchange_request(request: web.Request, form: TokenForm, client_id: str) -> ExchangeRequest:
    if not form.subject_token or not form.receipt or form.subject_token_type != JWT_TYPE:
        raise InvalidTokenRequest
    if form.requested_token_type not in {None, ACCESS_TYPE} or form.actor_token:
        raise InvalidTokenRequest
    if form.resource or form.audience not in {None, ACCESS_AUDIENCE}:
        raise InvalidTarget
    return ExchangeRequest(form.subject_token, form.receipt, client_id, form.scope, caller_of(request))


def _refresh_request(form: TokenForm, client_id: str) -> RefreshRequest:
    if not form.refresh_token:
        raise InvalidTokenRequest
    return RefreshRequest(form.refresh_token, client_id, form.scope)


def _answer(grant: Grant) -> dict[str, object]:
    return {
        "access_token": grant.access_token,
        "token_type": "Bearer",
        "expires_in": int(grant.expires_in.total_seconds()),
        "scope": written(grant.scope),
        "refresh_token": grant.refresh_token,
    }
