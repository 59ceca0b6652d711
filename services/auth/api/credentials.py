"""How a client names itself at the OAuth endpoints (RFC 6749 section 2.3.1)."""

import base64
from urllib.parse import unquote_plus

from aiohttp import web
from pydantic import ConfigDict

from chassis.bodies import Body
from services.auth.model.clients import Clients, Credentials
from services.auth.model.errors import InvalidClient, InvalidTokenRequest

CLIENTS: web.AppKey[Clients] = web.AppKey("CLIENTS", Clients)


class OAuthForm(Body):
    """A form of /oauth2/: parameters that nobody knows are ignored (RFC 6749 section 3.2)."""

    model_config = ConfigDict(extra="ignore")

    client_id: str | None = None
    client_secret: str | None = None


def credentials_of(request: web.Request, form: OAuthForm) -> Credentials | None:
    """From the Authorization header or the form, never from both (RFC 6749 section 2.3)."""
    header = _basic(request.headers.get("Authorization", ""))
    if header is None:
        return Credentials(form.client_id, form.client_secret) if form.client_id else None
    if form.client_secret is not None or form.client_id not in {None, header.client_id}:
        raise InvalidTokenRequest
    return header


def _basic(header: str) -> Credentials | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        credentials = Credentials(unquote_plus(name, errors="strict"), unquote_plus(secret, errors="strict"))
    except ValueError as malformed:
        raise InvalidClient from malformed
    if not colon:
        raise InvalidClient
    return credentials
