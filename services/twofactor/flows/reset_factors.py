"""An operator takes all factors of a person away, who has lost them: the next sign-in leads to enrolment.

From then until the person has enrolled, the password alone opens the account, as on its first day. Whoever does this
has made sure who asks, ends the person's sessions, and tells them to sign in at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.twofactor.flows.kinds import Kinds
from services.twofactor.model.events import AuditEvent, What, of_factor
from services.twofactor.model.factor import Enrolment
from services.twofactor.ports import Enrolments, Events


@dataclass(frozen=True)
class ResetFactors:
    """Phones, apps and recovery codes alike. A challenge that is open to one of them lets nobody in any more."""

    enrolments: Enrolments
    kinds: Kinds
    events: Events

    async def __call__(self, user: str, *, reason: str) -> Sequence[Enrolment]:
        """What was removed. `reason` is the operator's own, in a few words; who it was stands on record beside it."""
        async with self.events.together():
            removed = await self.enrolments.remove_all(user)
            for enrolment, _ in removed:
                await self.events.record(of_factor(What.FACTOR_REMOVED, enrolment))
            await self.events.record(AuditEvent(What.FACTORS_RESET, user=user, reason=reason))
        for enrolment, is_last in removed:
            if is_last:
                await self.kinds.of(enrolment).forget(enrolment)
        return [enrolment for enrolment, _ in removed]
