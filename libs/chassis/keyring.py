"""Signing keys of one issuer: made at first start, sealed at rest, published, and rotated without a pause.

A new key is published at once but signs only after `LEAD`, when every verifier has had time to see it; the old one
stays published until the last token it signed is gone.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from chassis.clock import Clock

ALGORITHM = "ES256"
LEAD = timedelta(minutes=2)


@dataclass(frozen=True)
class SigningKey:
    """One key pair: signs from `signs_from` on, is published until `published_until` (None: no successor yet)."""

    kid: str
    private: ec.EllipticCurvePrivateKey
    signs_from: datetime
    published_until: datetime | None = None

    def public_jwk(self) -> dict[str, Any]:
        """The public half (RFC 7517 section 4)."""
        jwk: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(self.private.public_key()))
        return {**jwk, "kid": self.kid, "use": "sig", "alg": ALGORITHM}

    def private_bytes(self) -> bytes:
        """PKCS 8, DER, in the clear: to be sealed at once."""
        return self.private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def new_key(kid: str, signs_from: datetime) -> SigningKey:
    """A fresh P-256 key."""
    return SigningKey(kid, ec.generate_private_key(ec.SECP256R1()), signs_from)


def read_key(kid: str, der: bytes, signs_from: datetime, published_until: datetime | None) -> SigningKey:
    """A key as it was stored."""
    private = serialization.load_der_private_key(der, None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        msg = f"signing key {kid} is not an elliptic-curve key"
        raise TypeError(msg)
    return SigningKey(kid, private, signs_from, published_until)


class KeyRing:
    """The keys as this process knows them; `keys` is replaced whole when they change."""

    def __init__(self, clock: Clock, keys: Sequence[SigningKey] = ()) -> None:
        self.clock = clock
        self.keys = tuple(keys)

    def sign(self, typ: str, claims: Mapping[str, Any]) -> str:
        """A compact JWS of `claims` with `typ` and `kid` in its header, by the newest key that may sign."""
        key = self.signer()
        return jwt.encode(dict(claims), key.private, algorithm=ALGORITHM, headers={"typ": typ, "kid": key.kid})

    def signer(self) -> SigningKey:
        """The newest key whose time has come."""
        now = self.clock()
        return max((key for key in self.keys if key.signs_from <= now), key=lambda key: key.signs_from)

    def jwks(self) -> dict[str, Any]:
        """What others verify with (RFC 7517 section 5)."""
        now = self.clock()
        published = [key for key in self.keys if key.published_until is None or key.published_until > now]
        return {"keys": [key.public_jwk() for key in published]}


NewId = Callable[[], str]
