"""Signing keys of one issuer: made at first start, sealed at rest, published, and rotated without a pause.

A new key is published at once but signs only after `LEAD`, when every verifier has had time to see it; the old one
stays published until the last token it signed is gone. One algorithm signs; keys of another one, from before the
setting was changed, are published until they are retired.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from chassis.clock import Clock

Algorithm = Literal["ES256", "EdDSA"]
Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
ALGORITHM: Algorithm = "ES256"
LEAD = timedelta(minutes=2)


@dataclass(frozen=True)
class SigningKey:
    """One key pair: signs from `signs_from` on, is published until `published_until` (None: no successor yet)."""

    kid: str
    private: Private
    signs_from: datetime
    published_until: datetime | None = None

    @cached_property
    def algorithm(self) -> Algorithm:
        """ES256 for P-256 (RFC 7518 section 3.4), EdDSA for Ed25519 (RFC 8037 section 3.1)."""
        return "ES256" if isinstance(self.private, ec.EllipticCurvePrivateKey) else "EdDSA"

    def public_jwk(self) -> dict[str, Any]:
        """The public half (RFC 7517 section 4)."""
        return {**_jwk(self.private), "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def private_bytes(self) -> bytes:
        """PKCS 8, DER, in the clear: to be sealed at once."""
        return self.private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def new_key(kid: str, signs_from: datetime, algorithm: Algorithm = ALGORITHM) -> SigningKey:
    """A fresh key on P-256 or Ed25519."""
    if algorithm == "EdDSA":
        return SigningKey(kid, ed25519.Ed25519PrivateKey.generate(), signs_from)
    return SigningKey(kid, ec.generate_private_key(ec.SECP256R1()), signs_from)


def read_key(kid: str, der: bytes, signs_from: datetime, published_until: datetime | None) -> SigningKey:
    """A key as it was stored."""
    private = serialization.load_der_private_key(der, None)
    if not isinstance(private, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        msg = f"signing key {kid} is not an elliptic-curve key"
        raise TypeError(msg)
    return SigningKey(kid, private, signs_from, published_until)


def _jwk(private: Private) -> dict[str, Any]:
    if isinstance(private, ec.EllipticCurvePrivateKey):
        found: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(private.public_key()))
    else:
        found = json.loads(OKPAlgorithm.to_jwk(private.public_key()))
    return found


class KeyRing:
    """The keys as this process knows them; `keys` is replaced whole when they change."""

    def __init__(self, clock: Clock, keys: Sequence[SigningKey] = (), algorithm: Algorithm = ALGORITHM) -> None:
        self.clock, self.algorithm = clock, algorithm
        self.keys = tuple(keys)

    def sign(self, typ: str, claims: Mapping[str, Any]) -> str:
        """A compact JWS of `claims` with `typ` and `kid` in its header, by the newest key that may sign."""
        key = self.signer()
        return jwt.encode(dict(claims), key.private, algorithm=key.algorithm, headers={"typ": typ, "kid": key.kid})

    def signer(self) -> SigningKey:
        """The newest key of our algorithm whose time has come."""
        now = self.clock()
        # Of two that begin at one moment the later one signs: it was made to take the other's place.
        ours = sorted((key for key in self.keys if key.algorithm == self.algorithm), key=lambda key: key.signs_from)
        due = [key for key in ours if key.signs_from <= now]
        # None is due where this clock is behind that of whoever made the first one, which was meant to sign at once.
        return due[-1] if due else ours[0]

    def jwks(self) -> dict[str, Any]:
        """What others verify with (RFC 7517 section 5)."""
        now = self.clock()
        published = [key for key in self.keys if key.published_until is None or key.published_until > now]
        return {"keys": [key.public_jwk() for key in published]}


NewId = Callable[[], str]
