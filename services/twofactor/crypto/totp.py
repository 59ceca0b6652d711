"""Codes of authenticator apps, as all of them know them: SHA-1, six digits, thirty seconds (RFC 6238, pyotp)."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

import pyotp

from services.twofactor.model.totp import DIGITS, STEP_SECONDS

# RFC 4226 section 4, R6: 128 bits at least, 160 recommended; and no padding in base32.
SECRET_BYTES = 20


@dataclass(frozen=True)
class PyotpTotp:
    """Implements `ports_of_kinds.Totp`."""

    random: Callable[[int], bytes]

    def new_secret(self) -> bytes:
        """160 random bits."""
        return self.random(SECRET_BYTES)

    def code_at(self, secret: bytes, step: int) -> str:
        """The six digits of a time step."""
        return pyotp.HOTP(base32(secret), digits=DIGITS).at(step)

    def uri(self, secret: bytes, *, account: str, issuer: str) -> str:
        """`otpauth://totp/...`; the parameters that apps assume are left out, for some know no others."""
        totp = pyotp.TOTP(base32(secret), digits=DIGITS, interval=STEP_SECONDS)
        return totp.provisioning_uri(name=account, issuer_name=issuer)


def base32(secret: bytes) -> str:
    """As people type it into an app that has no camera."""
    return base64.b32encode(secret).decode()
