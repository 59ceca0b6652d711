"""`POST /oauth2/token`: strict OAuth, three grants."""

from aiohttp import web

from chassis.bodies import read_form
from chassis.request import PART
from chassis.responses import json_response
from countersign.claims import ACCESS_AUDIENCE
from services.auth.api.caller import caller_of, forwarded_network
from services.auth.api.credentials import AUTHENTICATE, PACE, OAuthForm, credentials_of
from services.auth.flows.exchange import Exchange
from services.auth.flows.issue_service_grant import IssueServiceGrant
from services.auth.flows.refresh import Refresh
from services.auth.model.client import ServiceClient
from services.auth.model.credentials import Credentials
from services.auth.model.errors import InvalidTarget, InvalidTokenRequest, UnsupportedGrantType
from services.auth.model.grant import ExchangeRequest, Grant, GrantType, RefreshRequest, ServiceGrant
from services.auth.model.scope import written

EXCHANGE: web.AppKey[Exchange] = web.AppKey("EXCHANGE", Exchange)
REFRESH: web.AppKey[Refresh] = web.AppKey("REFRESH", Refresh)
ISSUE_SERVICE_GRANT: web.AppKey[IssueServiceGrant] = web.AppKey("ISSUE_SERVICE_GRANT", IssueServiceGrant)

JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt"
ACCESS_TYPE = "urn:ietf:params:oauth:token-type:access_token"


class TokenForm(OAuthForm):
    """All grants' parameters (RFC 8693 section 2.1, RFC 6749 sections 4.4 and 6); `receipt` is ours."""

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
    grant = _require_grant(form.grant_type)
    request[PART] = grant.name.lower()
    async with request.app[PACE].refusals(forwarded_network(request)):
        return await _granted(request, form, grant)


async def _granted(request: web.Request, form: TokenForm, grant: GrantType) -> web.Response:
    client = await _require_client(request, grant, credentials_of(request, form))
    client.require_grant(grant)
    match grant:
        case GrantType.TOKEN_EXCHANGE:
            return first_grant(await request.app[EXCHANGE](_exchange_request(request, form, client.id)))
        case GrantType.REFRESH_TOKEN:
            return json_response(_answer(await request.app[REFRESH](_refresh_request(form, client.id))))
        case GrantType.CLIENT_CREDENTIALS:
            _require_our_audience(form)
            return json_response(_service_answer(request.app[ISSUE_SERVICE_GRANT](client, form.scope)))


def _require_grant(name: str | None) -> GrantType:
    if name is None:
        raise InvalidTokenRequest
    found = next((grant for grant in GrantType if grant == name), None)
    if found is None:
        raise UnsupportedGrantType
    return found


async def _require_client(request: web.Request, grant: GrantType, credentials: Credentials | None) -> ServiceClient:
    authenticate = request.app[AUTHENTICATE]
    if grant is GrantType.CLIENT_CREDENTIALS:
        return await authenticate.require_service(credentials)
    return await authenticate.require_known(credentials)


def _exchange_request(request: web.Request, form: TokenForm, client_id: str) -> ExchangeRequest:
    if not form.subject_token or not form.receipt or form.subject_token_type != JWT_TYPE:
        raise InvalidTokenRequest
    if form.requested_token_type not in {None, ACCESS_TYPE} or form.actor_token:
        raise InvalidTokenRequest
    _require_our_audience(form)
    return ExchangeRequest(form.subject_token, form.receipt, client_id, form.scope, caller_of(request))


def _require_our_audience(form: TokenForm) -> None:
    if form.resource or form.audience not in {None, ACCESS_AUDIENCE}:
        raise InvalidTarget


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


def first_grant(grant: Grant) -> web.Response:
    """What a session begins with (RFC 8693 section 2.2.1); `device_token` is ours."""
    return json_response({**_answer(grant), "issued_token_type": ACCESS_TYPE, "device_token": grant.device})


def _service_answer(grant: ServiceGrant) -> dict[str, object]:
    return {
        "access_token": grant.access_token,
        "token_type": "Bearer",
        "expires_in": int(grant.expires_in.total_seconds()),
        "scope": written(grant.scope),
    }
