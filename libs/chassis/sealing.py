"""Secrets at rest: AES-256-GCM, each bound to the place it stands in."""

import base64
import os
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
KEY = 32


class Unsealable(Exception):
    """The sealed text was not made with any of our keys, or was not made for this place."""


class Sealer:
    """Seals with the first key and opens with any, so that a key is rotated by putting the new one in front.

    `context` names the place (`table.column.row`) and is authenticated: a sealed value moved elsewhere does not open.
    """

    def __init__(self, keys: Sequence[bytes], random: Callable[[int], bytes] = os.urandom) -> None:
        self.ciphers = [AESGCM(key) for key in keys]
        self.random = random

    def seal(self, plain: bytes, context: str) -> bytes:
        """Nonce and ciphertext."""
        nonce = self.random(NONCE)
        return nonce + self.ciphers[0].encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """The plain bytes; raises `Unsealable`."""
        for cipher in self.ciphers:
            try:
                return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], context.encode())
            except (InvalidTag, ValueError):
                continue
        raise Unsealable(context)


def parse_keys(text: str) -> list[bytes]:
    """Keys from a setting: base64 of 32 bytes each, separated by white space, the one to seal with first."""
    try:
        keys = [base64.b64decode(part, validate=True) for part in text.split()]
    except ValueError as malformed:
        msg = "must be base64"
        raise ValueError(msg) from malformed
    if not keys or any(len(key) != KEY for key in keys):
        msg = "must be base64 of exactly 32 random bytes, e.g. from `openssl rand -base64 32`"
        raise ValueError(msg)
    return keys
