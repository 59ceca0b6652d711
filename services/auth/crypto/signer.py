"""What this service says, signed: claims as RFC 7519, RFC 8176 and RFC 9068 name them."""

from dataclasses import dataclass
from datetime import datetime

from chassis.keyring import KeyRing
from countersign.claims import (
    ACCESS,
    ACCESS_AUDIENCE,
    PARTIAL,
    PARTIAL_AUDIENCE,
    AccessToken,
    PartialToken,
    ServiceToken,
)
from services.auth.model.scope import written


@dataclass(frozen=True)
class TokenSigner:
    """Implements `Signer`."""

    ring: KeyRing
    issuer: str

    def partial(self, token: PartialToken) -> str:
        claims = {
            "iss": self.issuer,
            "aud": PARTIAL_AUDIENCE,
            "sub": token.subject,
            "jti": token.id,
            "txn": token.login,
            "email": token.email,
            "iat": _seconds(token.issued_at),
            "exp": _seconds(token.expires_at),
            "auth_time": _seconds(token.issued_at),
            "acr": "aal1",
            "amr": ["pwd"],
            **({"device": token.device} if token.device else {}),
        }
        return self.ring.sign(PARTIAL.typ, claims)

    def access(self, token: AccessToken, issued_at: datetime) -> str:
        claims = {
            "iss": self.issuer,
            "aud": ACCESS_AUDIENCE,
            "sub": token.subject,
            "client_id": token.client_id,
            "jti": token.id,
            "sid": token.session,
            "scope": written(token.scope),
            "iat": _seconds(issued_at),
            "exp": _seconds(token.expires_at),
            "auth_time": _seconds(token.authenticated_at),
            "acr": token.acr,
            "amr": list(token.amr),
            **({"groups": sorted(token.groups)} if token.groups else {}),
        }
        return self.ring.sign(ACCESS.typ, claims)

    def service(self, token: ServiceToken, issued_at: datetime) -> str:
        claims = {
            "iss": self.issuer,
            "aud": ACCESS_AUDIENCE,
            "sub": token.client_id,
            "client_id": token.client_id,
            "jti": token.id,
            "scope": written(token.scope),
            "iat": _seconds(issued_at),
            "exp": _seconds(token.expires_at),
        }
        return self.ring.sign(ACCESS.typ, claims)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
