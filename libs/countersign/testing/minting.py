"""Keys and signatures of a Countersign that exists in memory only."""

import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from countersign.key_sets import Algorithm


class Signer:
    """One signing key, and where verifiers find its public half (`verifier.Keys`)."""

    def __init__(self, kid: str, algorithm: Algorithm = "ES256") -> None:
        self.kid, self.algorithm = kid, algorithm
        self._private, public = _pair(algorithm)
        self.jwk: Mapping[str, Any] = {**json.loads(public), "kid": kid, "alg": algorithm, "use": "sig"}
        self._key = PyJWK(dict(self.jwk))

    async def find(self, kid: str) -> PyJWK | None:
        """The public key, if it is this one that is asked for."""
        return self._key if kid == self.kid else None

    def jwks(self) -> dict[str, Any]:
        """As an issuer publishes it (RFC 7517 section 5)."""
        return {"keys": [dict(self.jwk)]}

    def sign(self, typ: str, claims: Mapping[str, Any]) -> str:
        """A compact JWS; a claim that is None is left out."""
        present = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(present, self._private, algorithm=self.algorithm, headers={"typ": typ, "kid": self.kid})


def _pair(algorithm: Algorithm) -> tuple[ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, str]:
    """A private key and its public half as a JWK."""
    if algorithm == "EdDSA":
        edwards = ed25519.Ed25519PrivateKey.generate()
        return edwards, OKPAlgorithm.to_jwk(edwards.public_key(), as_dict=False)
    p256 = ec.generate_private_key(ec.SECP256R1())
    return p256, ECAlgorithm.to_jwk(p256.public_key(), as_dict=False)
