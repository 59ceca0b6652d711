"""Programs that come with tokens: the gateway, which is a public client, and services, which prove who they are."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from services.auth.model.errors import InvalidClient

GATEWAY = "countersign-gateway"


@dataclass(frozen=True)
class Credentials:
    """What a client says of itself; without a secret it is only a name."""

    client_id: str
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Clients:
    """Secrets by client id."""

    secrets: Mapping[str, str] = field(repr=False)

    def require_service(self, credentials: Credentials | None) -> str:
        """The id of a client that proved who it is; raises `InvalidClient`."""
        if credentials is None or credentials.secret is None:
            raise InvalidClient
        expected = self.secrets.get(credentials.client_id)
        # Compared by digest, and also for an unknown client: the duration tells neither a secret nor a name.
        alike = hmac.compare_digest(_digest(expected or ""), _digest(credentials.secret))
        if expected is None or not alike:
            raise InvalidClient
        return credentials.client_id

    def require_known(self, credentials: Credentials | None) -> str:
        """The gateway needs no secret and is meant when nobody is named; any other name has to be proved."""
        if credentials is None:
            return GATEWAY
        if credentials.secret is None and credentials.client_id == GATEWAY:
            return GATEWAY
        return self.require_service(credentials)


def basic_credentials(header: str) -> Credentials | None:
    """From an Authorization header of scheme Basic, both parts form-encoded (RFC 6749 section 2.3.1); None for another.

    Raises `InvalidClient` for one that cannot be read.
    """
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
        name, colon, secret = (unquote_plus(part, errors="strict") for part in text.partition(":"))
    except ValueError as malformed:
        raise InvalidClient from malformed
    if not colon:
        raise InvalidClient
    return Credentials(name, secret)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
