"""An operator takes all factors of a person away, who has lost them: the next sign-in leads to enrolment.

From then until the person has enrolled, the password alone opens the account, as on its first day. Whoever does this
has made sure who asks, ends the person's sessions, and tells them to sign in at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from services.twofactor.flows.kinds import Kinds
from services.twofactor.model.factor import Enrolment
from services.twofactor.ports import Enrolments

log = structlog.get_logger()


@dataclass(frozen=True)
class ResetFactors:
    """Phones, apps and recovery codes alike. A challenge that is open to one of them lets nobody in any more."""

    enrolments: Enrolments
    kinds: Kinds

    async def __call__(self, user: str, *, reason: str, by: str) -> Sequence[Enrolment]:
        """What was removed. `by` is who did it, `reason` why."""
        removed = await self.enrolments.remove_all(user)
        kinds = [enrolment.provider for enrolment, _ in removed]
        log.warning("factors_reset", user=user, reason=reason, by=by, removed=kinds)
        for enrolment, is_last in removed:
            if is_last:
                await self.kinds.of(enrolment).forget(enrolment)
        return [enrolment for enrolment, _ in removed]
