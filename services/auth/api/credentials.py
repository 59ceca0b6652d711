"""How a client names itself at the OAuth endpoints (RFC 6749 section 2.3, RFC 7523 section 2.2)."""

from aiohttp import web
from pydantic import ConfigDict

from chassis.bodies import Body
from services.auth.flows.authenticate import Authenticate
from services.auth.flows.pace import Pace
from services.auth.flows.recognise_service import RecogniseService
from services.auth.model.credentials import (
    Credentials,
    Named,
    WithAssertion,
    WithSecret,
    basic_credentials,
    bearer_credentials,
)
from services.auth.model.errors import InvalidTokenRequest

AUTHENTICATE: web.AppKey[Authenticate] = web.AppKey("AUTHENTICATE", Authenticate)
RECOGNISE_SERVICE: web.AppKey[RecogniseService] = web.AppKey("RECOGNISE_SERVICE", RecogniseService)
PACE: web.AppKey[Pace] = web.AppKey("PACE", Pace)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class OAuthForm(Body):
    """A form of /oauth2/: parameters that nobody knows are ignored (RFC 6749 section 3.2)."""

    model_config = ConfigDict(extra="ignore")

    client_id: str | None = None
    client_secret: str | None = None
    client_assertion_type: str | None = None
    client_assertion: str | None = None


async def require_service(request: web.Request) -> str:
    """The id of a service that shows its secret or its own access token, in the one header; raises `InvalidClient`."""
    header = request.headers.get("Authorization", "")
    token = bearer_credentials(header)
    if token is not None:
        return await request.app[RECOGNISE_SERVICE](token)
    return (await request.app[AUTHENTICATE].require_service(basic_credentials(header))).id


def credentials_of(request: web.Request, form: OAuthForm) -> Credentials | None:
    """From the Authorization header or the form, never in two ways at once (RFC 6749 section 2.3)."""
    header = basic_credentials(request.headers.get("Authorization", ""))
    _require_one_way(header, form)
    if header is not None:
        return header
    if form.client_assertion is not None:
        return WithAssertion(form.client_assertion, form.client_id)
    if form.client_id is None:
        return None
    return Named(form.client_id) if form.client_secret is None else WithSecret(form.client_id, form.client_secret)


def _require_one_way(header: WithSecret | None, form: OAuthForm) -> None:
    ways = [header, form.client_secret, form.client_assertion]
    if sum(way is not None for way in ways) > 1:
        raise InvalidTokenRequest
    if form.client_secret is not None and form.client_id is None:
        raise InvalidTokenRequest
    if header is not None and form.client_id not in {None, header.client_id}:
        raise InvalidTokenRequest
    if form.client_assertion_type != (ASSERTION_TYPE if form.client_assertion is not None else None):
        raise InvalidTokenRequest
