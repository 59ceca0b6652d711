"""The keys of identity assertions, from a setting."""

import hashlib
import re
from datetime import UTC, datetime
from typing import TypeGuard

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from chassis.keyring import SigningKey

_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)
_ALWAYS = datetime.fromtimestamp(0, UTC)


def parse_assertion_keys(text: str) -> list[SigningKey]:
    """All keys in the text, the one that signs first; raises ValueError. `kid` is a digest of the public key."""
    keys = [_parse(block) for block in _PEM.findall(text)]
    if not keys:
        msg = "must hold a PEM private key, e.g. from `openssl ecparam -genkey -name prime256v1 -noout`"
        raise ValueError(msg)
    return keys


def _parse(block: str) -> SigningKey:
    try:
        key = serialization.load_pem_private_key(block.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        msg = "holds a PEM block that is not an unencrypted private key"
        raise ValueError(msg) from None
    if not _is_p256(key) and not isinstance(key, ed25519.Ed25519PrivateKey):
        msg = "must hold keys on P-256 or Ed25519 only"
        raise ValueError(msg)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(hashlib.sha256(public).hexdigest()[:16], key, _ALWAYS)


def _is_p256(key: object) -> TypeGuard[ec.EllipticCurvePrivateKey]:
    return isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)
