"""Public keys that a client registers: EC P-256 for ES256, Ed25519 for EdDSA, nothing else and nothing private."""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm
from jwt.exceptions import PyJWTError

from services.auth.model.client import PROOF_ALGORITHMS, JsonWebKey
from services.auth.model.registration import Unregistrable

PUBLIC_MEMBERS = {"EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x")}
MOST = 10


def parse_jwks(text: str) -> tuple[JsonWebKey, ...]:
    """The keys of a JWK Set or of one JWK, reduced to what is needed, each with its `alg`; raises `Unregistrable`."""
    try:
        document = json.loads(text)
    except ValueError as malformed:
        raise Unregistrable("the keys are not JSON") from malformed
    listed = document.get("keys", [document]) if isinstance(document, dict) else None
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST:
        raise Unregistrable(f"the keys are not a JWK Set of one to {MOST} keys (RFC 7517 section 5)")
    keys = tuple(_parse(key) for key in listed)
    if len({key.get("kid") for key in keys}) != len(keys):
        raise Unregistrable("every key needs a `kid` of its own")
    return keys


def decoy_key() -> JsonWebKey:
    """A key that nobody has."""
    jwk: dict[str, str] = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()))
    return {**jwk, "alg": "ES256"}


def _parse(key: object) -> JsonWebKey:
    if not isinstance(key, Mapping) or not all(isinstance(key.get(name), str) for name in ("kty", "crv", "x")):
        raise Unregistrable("a key is not an elliptic-curve JWK (RFC 7518 section 6.2, RFC 8037)")
    if "d" in key:
        raise Unregistrable("a key holds its private half (`d`): register the public one, and replace that key")
    algorithm = PROOF_ALGORITHMS.get((key["kty"], key["crv"]))
    if algorithm is None or key.get("alg", algorithm) != algorithm:
        raise Unregistrable("a key is neither EC P-256 for ES256 nor Ed25519 for EdDSA")
    members = {name: key[name] for name in PUBLIC_MEMBERS[key["kty"]] if name in key}
    _require_point(members, algorithm)
    return {**members, **_name(key), "alg": algorithm}


def _require_point(members: dict[str, Any], algorithm: str) -> None:
    try:
        PyJWK(members, algorithm=algorithm)
    except (PyJWTError, ValueError, TypeError) as unfit:
        raise Unregistrable("a key is not a point of its curve") from unfit


def _name(key: Mapping[str, Any]) -> dict[str, str]:
    return {"kid": key["kid"]} if isinstance(key.get("kid"), str) and key["kid"] else {}
