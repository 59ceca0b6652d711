"""How a client names itself at the OAuth endpoints (RFC 6749 section 2.3.1)."""

from aiohttp import web
from pydantic import ConfigDict

from chassis.bodies import Body
from services.auth.model.clients import Clients, Credentials, basic_credentials
from services.auth.model.errors import InvalidTokenRequest

CLIENTS: web.AppKey[Clients] = web.AppKey("CLIENTS", Clients)


class OAuthForm(Body):
    """A form of /oauth2/: parameters that nobody knows are ignored (RFC 6749 section 3.2)."""

    model_config = ConfigDict(extra="ignore")

    client_id: str | None = None
    client_secret: str | None = None


def credentials_of(request: web.Request, form: OAuthForm) -> Credentials | None:
    """From the Authorization header or the form, never from both (RFC 6749 section 2.3)."""
    header = basic_credentials(request.headers.get("Authorization", ""))
    if header is None and form.client_id:
        return Credentials(form.client_id, form.client_secret)
    if form.client_secret is not None or (header and form.client_id not in {None, header.client_id}):
        raise InvalidTokenRequest
    return header
