"""Keys and signatures of a Countersign that exists in memory only."""

import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm

ALGORITHM = "ES256"


class Signer:
    """One signing key, and where verifiers find its public half (`verifier.Keys`)."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self._private = ec.generate_private_key(ec.SECP256R1())
        public: str = ECAlgorithm.to_jwk(self._private.public_key(), as_dict=False)
        self.jwk: Mapping[str, Any] = {**json.loads(public), "kid": kid, "alg": ALGORITHM, "use": "sig"}
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
        return jwt.encode(present, self._private, algorithm=ALGORITHM, headers={"typ": typ, "kid": self.kid})
