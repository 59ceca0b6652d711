"""What a client says of itself at the OAuth endpoints (RFC 6749 section 2.3, RFC 7523 section 2.2)."""

import base64
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote_plus

from services.auth.model.errors import InvalidClient


@dataclass(frozen=True)
class Named:
    """Only a name, which is no proof."""

    client_id: str


@dataclass(frozen=True)
class WithSecret:
    """`client_secret_basic` or `client_secret_post`."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class WithAssertion:
    """`private_key_jwt`; the client may name itself beside it (RFC 7521 section 4.2)."""

    text: str = field(repr=False)
    client_id: str | None = None


Credentials = Named | WithSecret | WithAssertion


@dataclass(frozen=True)
class Assertion:
    """A client assertion that was believed: it is good once, and not after `expires_at`."""

    id: str
    expires_at: datetime


def basic_credentials(header: str) -> WithSecret | None:
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
    return WithSecret(name, secret)


def bearer_credentials(header: str) -> str | None:
    """The token in an Authorization header of scheme Bearer (RFC 6750 section 2.1); None for another."""
    scheme, _, token = header.partition(" ")
    return token if scheme.lower() == "bearer" and token and " " not in token else None
