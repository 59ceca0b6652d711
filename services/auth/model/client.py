"""Programs that come with tokens: the gateway, which is a public client, and services, which prove who they are."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.auth.model.errors import UnauthorizedClient
from services.auth.model.grant import GrantType

GATEWAY = "countersign-gateway"
JsonWebKey = Mapping[str, str]
# With what a client may sign its assertions, by the kind of its key.
PROOF_ALGORITHMS = {("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Secret:
    """Kept as a SHA-256 digest only. `until`: the secret before, while a rotation lets both be used."""

    digest: bytes = field(repr=False)
    until: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it may still be used."""
        return self.until is None or now < self.until


@dataclass(frozen=True)
class ServiceClient:
    """What a service may do, and by what it proves who it is: a secret, public keys (with their `alg`), or both."""

    id: str
    secrets: tuple[Secret, ...] = ()
    keys: tuple[JsonWebKey, ...] = ()
    scopes: frozenset[str] = frozenset()
    grants: frozenset[GrantType] = frozenset()
    created_at: datetime = LONG_AGO
    disabled_at: datetime | None = None

    def has_secret(self, secret: str, now: datetime) -> bool:
        """Compared by digest, each of them: the duration tells nothing of a secret."""
        digest = digest_of(secret)
        alike = [hmac.compare_digest(each.digest, digest) and each.is_good(now) for each in self.secrets]
        return any(alike)

    def require_grant(self, grant: GrantType) -> None:
        """Raises `UnauthorizedClient` for a grant that this client was not given."""
        if grant not in self.grants:
            raise UnauthorizedClient


def digest_of(secret: str) -> bytes:
    """SHA-256: secrets are long and random, so that a slow hash would protect nothing and cost every request."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


# It holds no secret that a session would rest on: whoever takes its name gains nothing.
GATEWAY_CLIENT = ServiceClient(GATEWAY, grants=frozenset({GrantType.TOKEN_EXCHANGE, GrantType.REFRESH_TOKEN}))
# Looked at in place of a client that does not exist, so that an unknown name costs what a known one does.
NOBODY = ServiceClient("", secrets=(Secret(bytes(32)),))
