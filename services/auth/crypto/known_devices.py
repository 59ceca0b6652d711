"""Devices on which an account has signed in: `csd_` and base64url of id, end, and a seal over them and the account.

Whoever holds one may guess at that account's password where strangers may not any more, and no faster: it opens
nothing. Nothing is stored; what a device has used up is counted under its id.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from chassis.clock import Clock
from services.auth.model.email import Email

LIFE = timedelta(days=400)
_TOKEN = re.compile(r"csd_([A-Za-z0-9_-]{48})\Z")
_ID, _END, _SEALED, _SEAL = slice(0, 16), slice(16, 20), slice(0, 20), slice(20, 36)


class HmacDevices:
    """Implements `Devices`. The first of `keys` seals, all are believed."""

    def __init__(self, keys: Sequence[bytes], random: Callable[[int], bytes], clock: Clock) -> None:
        self.keys = [hmac.digest(key, b"countersign known device", "sha256") for key in keys]
        self.random, self.clock = random, clock

    def remember(self, email: Email) -> str:
        """A new token: a device is known for as long as cookies may live, and under another id after each sign-in."""
        end = int((self.clock() + LIFE).timestamp())
        body = self.random(16) + end.to_bytes(4)
        return "csd_" + base64.urlsafe_b64encode(body + _seal(self.keys[0], body, email)).decode()

    def known(self, text: str, email: Email) -> str:
        """The device's id, "" unless it was remembered for this very account and its time is not over."""
        raw = _decoded(text)
        if not raw or not any(hmac.compare_digest(_seal(key, raw[_SEALED], email), raw[_SEAL]) for key in self.keys):
            return ""
        is_over = datetime.fromtimestamp(int.from_bytes(raw[_END]), self.clock().tzinfo) <= self.clock()
        return "" if is_over else raw[_ID].hex()


def _decoded(text: str) -> bytes:
    found = _TOKEN.match(text)
    try:
        return base64.urlsafe_b64decode(found[1]) if found else b""
    except binascii.Error:
        return b""


def _seal(key: bytes, body: bytes, email: Email) -> bytes:
    return hmac.digest(key, body + email.key.encode(), "sha256")[:16]
