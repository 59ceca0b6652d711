"""An operator takes all factors of a person away, who has lost them: the next sign-in leads to enrolment.

From then until the person has enrolled, the password alone opens the account, as on its first day. Whoever does this
has made sure who asks, ends the person's sessions, and tells them to sign in at once.
"""

from dataclasses import dataclass

from services.twofactor.flows.kinds import Kinds
from services.twofactor.flows.void_logins import VoidLogins
from services.twofactor.model.events import AuditEvent, What, of_factor
from services.twofactor.ports import Enrolments, Events


@dataclass(frozen=True)
class ResetFactors:
    """Phones, apps and recovery codes alike. A challenge that is open to one of them lets nobody in any more."""

    void: VoidLogins
    enrolments: Enrolments
    kinds: Kinds
    events: Events

    async def __call__(self, user: str, reason: str) -> int:
        """How many were removed; doing it twice is once. `reason` is the operator's own, in a few words."""
        # Logins that were begun first: none of them may enrol where there is nothing any more.
        await self.void(user, reason)
        async with self.events.together():
            removed = await self.enrolments.remove_all(user)
            for enrolment, _ in removed:
                await self.events.record(of_factor(What.FACTOR_REMOVED, enrolment))
            await self.events.record(AuditEvent(What.FACTORS_RESET, user=user, reason=reason))
        for enrolment, is_last in removed:
            if is_last:
                await self.kinds.of(enrolment).forget(enrolment)
        return len(removed)
