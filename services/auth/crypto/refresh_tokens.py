"""Refresh tokens: `csr_` and base64url of family, generation, secret and seal.

The first secret of a family is random, each next one an HMAC of the one before. So the same parent always has the same
child, which need not be kept to be given out again, and the store holds nothing but the newest secret's digest. Who
reads the store has no token; who has the server's key alone has none either. The seal tells our tokens, of any
generation, from other text before the store is asked: a made-up one can neither revoke a family nor cost a query.
"""

import base64
import binascii
import hashlib
import hmac
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.auth.model.family import Presented

PREFIX = "csr_"
SECRET_BYTES = 32
_TOKEN = re.compile(r"csr_([A-Za-z0-9_-]{91})\Z")
_FAMILY, _GENERATION, _SECRET = slice(0, 16), slice(16, 20), slice(20, 52)
_SEALED, _SEAL = slice(0, 52), slice(52, 68)


@dataclass(frozen=True)
class _Parts:
    family: bytes
    generation: int
    secret: bytes

    @property
    def body(self) -> bytes:
        return self.family + self.generation.to_bytes(4) + self.secret


class HmacRefreshTokens:
    """Implements `RefreshTokens`. The first of `keys` seals, all are believed: so the server's key can be rotated."""

    def __init__(self, keys: Sequence[bytes], random: Callable[[int], bytes]) -> None:
        self.keys = [(_derived(key, b"seal"), _derived(key, b"child")) for key in keys]
        self.random = random

    def first(self, family_id: str) -> tuple[str, bytes]:
        parts = _Parts(uuid.UUID(family_id).bytes, 0, self.random(SECRET_BYTES))
        return self._written(parts), _digest(parts)

    def read(self, text: str) -> Presented | None:
        opened = self._open(text)
        if opened is None:
            return None
        parts, child = opened
        return Presented(str(uuid.UUID(bytes=parts.family)), parts.generation, _digest(parts), _digest(child))

    def child(self, text: str) -> str:
        opened = self._open(text)
        if opened is None:
            msg = "a token that was not read before"
            raise ValueError(msg)
        return self._written(opened[1])

    def _open(self, text: str) -> tuple[_Parts, _Parts] | None:
        """A token of ours and its child."""
        raw = _decoded(text)
        for sealing, begetting in self.keys if raw else ():
            if hmac.compare_digest(_seal(sealing, raw[_SEALED]), raw[_SEAL]):
                parts = _Parts(raw[_FAMILY], int.from_bytes(raw[_GENERATION]), raw[_SECRET])
                secret = hmac.digest(begetting, parts.body, "sha256")
                return parts, _Parts(parts.family, parts.generation + 1, secret)
        return None

    def _written(self, parts: _Parts) -> str:
        raw = parts.body + _seal(self.keys[0][0], parts.body)
        return PREFIX + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    found = _TOKEN.match(text)
    try:
        return base64.urlsafe_b64decode(found[1] + "=") if found else b""
    except binascii.Error:
        return b""


def _seal(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:16]


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, b"countersign refresh token " + purpose, "sha256")


def _digest(parts: _Parts) -> bytes:
    return hashlib.sha256(parts.body).digest()
