"""The rolling token of the Authy app: 7 digits, a new one every 30 seconds."""

import hashlib
import hmac
from datetime import datetime

from tools.authy_simulator.model.phone import Phone

STEP = 30
DIGITS = 7
# A token is taken this many steps late or early: phones' clocks differ and people type slowly.
STEPS_BEHIND = 4
STEPS_AHEAD = 1


def step_of(now: datetime) -> int:
    """The number of the 30-second step that ``now`` lies in."""
    return int(now.timestamp()) // STEP


def seconds_left(now: datetime) -> int:
    """How long the current token stays on the phone, 1 to 30 seconds."""
    return STEP - int(now.timestamp()) % STEP


def app_token(phone: Phone, step: int) -> str:
    """The token of one step, by HOTP (RFC 4226 section 5.3) over a secret drawn from the phone number."""
    secret = hashlib.sha256(f"authy-app|{phone}".encode()).digest()
    digest = hmac.digest(secret, step.to_bytes(8), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def is_current(step: int, now: datetime) -> bool:
    """Would a token of this step still be taken."""
    return step >= step_of(now) - STEPS_BEHIND


def matching_step(phone: Phone, token: str, now: datetime) -> int | None:
    """The step whose token this is, the current one first; None when it is of none within the tolerance."""
    current = step_of(now)
    nearby = sorted(range(current - STEPS_BEHIND, current + STEPS_AHEAD + 1), key=lambda step: abs(step - current))
    return next((step for step in nearby if app_token(phone, step) == token), None)
