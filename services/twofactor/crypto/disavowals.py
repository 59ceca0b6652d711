"""Disavowals as Security Event Tokens (RFC 8417), `typ: secevent+jwt`: this person's password is in other hands."""

from dataclasses import dataclass

from chassis.clock import Clock
from chassis.keyring import KeyRing
from countersign.claims import DISAVOWAL, PASSWORD_COMPROMISED
from services.twofactor.model.disavowal import STATEMENT_LIFE, Disavowal


@dataclass(frozen=True)
class RingDisavowals:
    """Implements `ports_of_pushes.DisavowalSigner` with this service's own keys; `audience` is who may believe it."""

    ring: KeyRing
    issuer: str
    audience: str
    clock: Clock

    def sign(self, said: Disavowal) -> str:
        """The statement; `toe` is when the person said it (RFC 8417 section 2.2), `iat` when it is told."""
        now = self.clock()
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": said.user,
            "jti": said.id,
            "txn": said.login or said.id,
            "toe": int(said.said_at.timestamp()),
            "iat": int(now.timestamp()),
            "exp": int((now + STATEMENT_LIFE).timestamp()),
            "events": {PASSWORD_COMPROMISED: {"credential_type": "password", "said_by": said.how.value}},
        }
        return self.ring.sign(DISAVOWAL.typ, claims)
