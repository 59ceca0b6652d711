"""`POST /oauth2/revoke` (RFC 7009) and `POST /oauth2/introspect` (RFC 7662)."""

from aiohttp import web

from chassis.bodies import read_form
from chassis.responses import json_response
from countersign.claims import ACCESS_AUDIENCE, AccessToken, ServiceToken
from services.auth.api.caller import forwarded_network
from services.auth.api.credentials import AUTHENTICATE, PACE, OAuthForm, credentials_of
from services.auth.flows.introspect import Introspect
from services.auth.flows.read_token import LiveRefresh
from services.auth.flows.revoke import Revoke
from services.auth.model.errors import InvalidTokenRequest
from services.auth.model.scope import written

REVOKE: web.AppKey[Revoke] = web.AppKey("REVOKE", Revoke)
INTROSPECT: web.AppKey[Introspect] = web.AppKey("INTROSPECT", Introspect)
ISSUER: web.AppKey[str] = web.AppKey("ISSUER", str)


class OneTokenForm(OAuthForm):
    """One token of any kind; `token_type_hint` is ignored: what a token is can be seen from it."""

    token: str | None = None


async def revoke(request: web.Request) -> web.Response:
    """200, also for a token that nobody knows (section 2.2). Holding a token is reason enough to end it."""
    form = await read_form(request, OneTokenForm)
    async with request.app[PACE].refusals(forwarded_network(request)):
        await request.app[AUTHENTICATE].require_known(credentials_of(request, form))
    await request.app[REVOKE](_require_token(form))
    return web.Response(headers={"Cache-Control": "no-store"})


async def introspect(request: web.Request) -> web.Response:
    """What the token is worth, for services that prove who they are (section 2.1)."""
    form = await read_form(request, OneTokenForm)
    async with request.app[PACE].refusals(forwarded_network(request)):
        await request.app[AUTHENTICATE].require_service(credentials_of(request, form))
    match await request.app[INTROSPECT](_require_token(form)):
        case AccessToken() as access:
            return json_response({"active": True, "iss": request.app[ISSUER], **_access(access)})
        case ServiceToken() as service:
            return json_response({"active": True, "iss": request.app[ISSUER], **_service(service)})
        case LiveRefresh() as refresh:
            return json_response({"active": True, "iss": request.app[ISSUER], **_refresh(refresh)})
        case None:
            return json_response({"active": False})


def _require_token(form: OneTokenForm) -> str:
    if not form.token:
        raise InvalidTokenRequest
    return form.token


def _access(token: AccessToken) -> dict[str, object]:
    return {
        "token_type": "Bearer",
        "aud": ACCESS_AUDIENCE,
        "sub": token.subject,
        "client_id": token.client_id,
        "jti": token.id,
        "sid": token.session,
        "scope": written(token.scope),
        "exp": int(token.expires_at.timestamp()),
        "auth_time": int(token.authenticated_at.timestamp()),
        "acr": token.acr,
        "amr": list(token.amr),
        "groups": sorted(token.groups),
    }


def _service(token: ServiceToken) -> dict[str, object]:
    return {
        "token_type": "Bearer",
        "aud": ACCESS_AUDIENCE,
        "sub": token.client_id,
        "client_id": token.client_id,
        "jti": token.id,
        "scope": written(token.scope),
        "exp": int(token.expires_at.timestamp()),
    }


def _refresh(token: LiveRefresh) -> dict[str, object]:
    session = token.session
    return {
        "sub": session.user_id,
        "client_id": session.client_id,
        "sid": session.id,
        "scope": written(session.scope),
        "exp": int(token.expires_at.timestamp()),
    }
