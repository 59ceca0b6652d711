"""Which time step a code of an authenticator app belongs to."""

import hmac
from dataclasses import dataclass

from chassis.clock import Clock
from services.twofactor.model.errors import WrongCode
from services.twofactor.model.totp import window
from services.twofactor.ports_of_kinds import Totp


@dataclass(frozen=True)
class MatchStep:
    """Looks at the few steps that are believed now."""

    totp: Totp
    clock: Clock

    def __call__(self, secret: bytes, code: str) -> int:
        """The newest step that the code is right for; raises `WrongCode`."""
        # All are compared, each in constant time: how long it takes says nothing of which was nearly right.
        steps = [s for s in window(self.clock()) if hmac.compare_digest(self.totp.code_at(secret, s), code)]
        if not steps:
            raise WrongCode
        return max(steps)
