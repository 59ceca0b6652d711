"""Binding codes, made from the challenge's id under a key of our own (as RFC 4226 makes its codes from a counter).

Nothing is stored: whoever reads Valkey, a dump or a replica of it finds no code there, and none that could be guessed
from what he finds. The id is random and used once, so each code is as good as drawn; the gateway knows the id, not the
key.
"""

import hashlib
import hmac
from collections.abc import Sequence

from services.twofactor.model.challenge import Challenge

DIGITS = 6
_PURPOSE = b"countersign binding codes"


class KeyedCodes:
    """Implements `ports_of_pushes.BindingCodes`: the first key makes codes; each is believed while it is replaced."""

    def __init__(self, secret_keys: Sequence[bytes]) -> None:
        # A key of its own for this purpose: what seals at rest is used for nothing else.
        self._keys = [hmac.digest(key, _PURPOSE, hashlib.sha256) for key in secret_keys]

    def code_of(self, challenge: Challenge) -> str:
        """Six digits."""
        return _code(self._keys[0], challenge.id)

    def is_right(self, challenge: Challenge, code: str) -> bool:
        """All keys are tried, so that the duration tells nothing."""
        alike = [hmac.compare_digest(_code(key, challenge.id).encode(), code.encode()) for key in self._keys]
        return any(alike)


def _code(key: bytes, challenge_id: str) -> str:
    # 128 bits for a million codes: that some come up more often than others is beyond measuring.
    digest = hmac.digest(key, challenge_id.encode(), hashlib.sha256)
    return f"{int.from_bytes(digest[:16]) % 10**DIGITS:0{DIGITS}d}"
