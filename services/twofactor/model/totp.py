"""Time steps of an authenticator app (RFC 6238), and a secret on its way to one."""

import itertools
import re
from collections.abc import Container
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.twofactor.model.errors import CodeMalformed

KIND = "totp"
STEP_SECONDS = 30
DIGITS = 6
# Phones are seldom off by more than a few seconds, and people type slowly: one step before and one after
# (RFC 6238 section 5.2). Each step more is another code that would be right.
DRIFT = (-1, 0, 1)
_CODE = re.compile(rf"[0-9]{{{DIGITS}}}")


@dataclass(frozen=True)
class TotpSecret:
    """What an app and we share, and the last time step that was used."""

    secret: bytes = field(repr=False)
    last_step: int


@dataclass(frozen=True)
class PendingSecret:
    """A secret that was shown, and not confirmed by a code yet.

    `begun_in` names the login or session that it was shown to: nobody else can finish it. `last_step` is the step of
    the first code, once that has been right.
    """

    id: str
    user: str
    begun_in: str
    secret: bytes = field(repr=False)
    last_step: int = 0

    def confirmed(self, step: int) -> "PendingSecret":
        """With its first code, which is used up by that."""
        return replace(self, last_step=step)


def window(now: datetime) -> tuple[int, ...]:
    """The time steps whose codes are believed now, oldest first."""
    step = int(now.timestamp()) // STEP_SECONDS
    return tuple(step + drift for drift in DRIFT)


def require_six_digits(typed: str) -> str:
    """A code as an app shows it, ASCII digits; raises `CodeMalformed`."""
    if not _CODE.fullmatch(typed):
        raise CodeMalformed
    return typed


def name_besides(taken: Container[str]) -> str:
    """`Authenticator app`, or the next number of it: what its owner knows it by."""
    names = (f"Authenticator app {n}" if n > 1 else "Authenticator app" for n in itertools.count(1))
    return next(name for name in names if name not in taken)
