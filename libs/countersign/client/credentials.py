"""How a service proves who it is at the token endpoint and the service APIs."""

import base64
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from urllib.parse import quote_plus

import jwt

from countersign.clock import Clock, utc_now
from countersign.key_sets import Algorithm

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = timedelta(seconds=30)


@dataclass(frozen=True)
class Shown:
    """What goes with one request."""

    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    form: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


class ClientCredentials(Protocol):
    """`ClientSecret` or `PrivateKeyJwt`."""

    def present(self, server: str) -> Shown:
        """For one request to the authorization server whose issuer is `server`."""
        ...


@dataclass(frozen=True)
class ClientSecret:
    """A shared secret, in the header Authorization (RFC 6749 section 2.3.1)."""

    client_id: str
    secret: str = field(repr=False)

    def present(self, server: str) -> Shown:
        """`Authorization: Basic`, both parts form-encoded first."""
        del server
        text = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"
        return Shown({"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"})


@dataclass(frozen=True)
class PrivateKeyJwt:
    """A key that never leaves this service: it signs a statement per request (RFC 7523 section 2.2).

    `private_key` is PEM text; `kid` names its public half at the server. Offered where the server's metadata lists
    `private_key_jwt`.
    """

    client_id: str
    private_key: str = field(repr=False)
    kid: str
    algorithm: Algorithm = "ES256"
    clock: Clock = utc_now
    new_id: Callable[[], str] = field(default=lambda: str(uuid.uuid4()))  # noqa: TID251 the SDK's one source of ids

    def present(self, server: str) -> Shown:
        """`client_assertion`, for this server alone, for 30 seconds."""
        now = self.clock()
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": server,
            "iat": int(now.timestamp()),
            "exp": int((now + ASSERTION_LIFE).timestamp()),
            "jti": self.new_id(),
        }
        signed = jwt.encode(claims, self.private_key, algorithm=self.algorithm, headers={"kid": self.kid})
        form = {"client_id": self.client_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}
        return Shown(form=form)
