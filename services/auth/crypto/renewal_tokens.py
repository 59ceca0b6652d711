"""Permission to choose a new password: a compact JWS, `typ: renewal+jwt`, that opens nothing else."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chassis.clock import Clock
from chassis.keyring import KeyRing
from countersign.claims import Kind
from services.auth.model.renewal import Renewal
from services.auth.model.scope import written

RENEWAL_AUDIENCE = "countersign/password"


def _read(claims: Mapping[str, Any]) -> Renewal:
    # Nobody but this service signs these: what is missing is a fault, and a KeyError is a refusal.
    return Renewal(
        user_id=str(claims["sub"]),
        id=str(claims["jti"]),
        client_id=str(claims["client_id"]),
        scope=frozenset(str(claims["scope"]).split()),
        amr=tuple(map(str, claims["amr"])),
        confirmed_at=datetime.fromtimestamp(int(claims["auth_time"]), UTC),
        partial_id=str(claims["pjti"]),
        receipt_id=str(claims["rjti"]),
        email=str(claims["email"]),
        expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
    )


RENEWAL: Kind[Renewal] = Kind("renewal+jwt", _read)


class RenewalSigner:
    """Implements `ports_of_renewals.RenewalSigner`."""

    def __init__(self, ring: KeyRing, issuer: str, clock: Clock) -> None:
        self.ring, self.issuer, self.clock = ring, issuer, clock

    def sign(self, renewal: Renewal) -> str:
        claims = {
            "iss": self.issuer,
            "aud": RENEWAL_AUDIENCE,
            "sub": renewal.user_id,
            "jti": renewal.id,
            "client_id": renewal.client_id,
            "scope": written(renewal.scope),
            "amr": list(renewal.amr),
            "auth_time": int(renewal.confirmed_at.timestamp()),
            "pjti": renewal.partial_id,
            "rjti": renewal.receipt_id,
            "email": renewal.email,
            "iat": int(self.clock().timestamp()),
            "exp": int(renewal.expires_at.timestamp()),
        }
        return self.ring.sign(RENEWAL.typ, claims)
