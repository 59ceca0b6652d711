"""Approval receipts: compact JWS, `typ: approval+jwt`."""

from dataclasses import dataclass

from chassis.keyring import KeyRing
from countersign import RECEIPT
from services.twofactor.model.receipt import ReceiptFacts


@dataclass(frozen=True)
class RingSigner:
    """Implements `ports.ReceiptSigner` with this service's own keys; `audience` is who may believe it."""

    ring: KeyRing
    issuer: str
    audience: str

    def sign(self, facts: ReceiptFacts) -> str:
        """The receipt; `pjti` binds it to one partial token (as `jti` of another token, RFC 7519 section 4.1.7)."""
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": facts.user,
            "txn": facts.login,
            "jti": facts.id,
            "pjti": facts.partial_id,
            "amr": list(facts.amr),
            "iat": int(facts.issued_at.timestamp()),
            "exp": int(facts.expires_at.timestamp()),
        }
        return self.ring.sign(RECEIPT.typ, claims)
