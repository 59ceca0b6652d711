"""An operator takes all factors of a person away, who has lost them, and hands one code to them instead.

With that code and their password they sign in once, and set up what they confirm with from then on. The password alone
enrols nothing: whoever stole it would be as quick as its owner.
"""

from dataclasses import dataclass, field

from services.twofactor.flows.hand_out_code import HandOutCode
from services.twofactor.flows.kinds import Kinds
from services.twofactor.flows.void_logins import VoidLogins
from services.twofactor.model.events import AuditEvent, What, of_factor
from services.twofactor.ports import Enrolments, Events


@dataclass(frozen=True)
class FactorsReset:
    """How many were removed, and the code with which the person signs in next: told this once."""

    factors: int
    code: str = field(repr=False)


@dataclass(frozen=True)
class ResetFactors:
    """Phones, apps and recovery codes alike. A challenge that is open to one of them lets nobody in any more."""

    void: VoidLogins
    enrolments: Enrolments
    kinds: Kinds
    hand_out: HandOutCode
    events: Events

    async def __call__(self, user: str, email: str, reason: str) -> FactorsReset:
        """Done twice, the code of the second time counts. `reason` is the operator's own, in a few words."""
        # Logins that were begun first: none of them may go on with what is there afterwards.
        await self.void(user, reason)
        async with self.events.together():
            removed = await self.enrolments.remove_all(user)
            for enrolment, _ in removed:
                await self.events.record(of_factor(What.FACTOR_REMOVED, enrolment))
            await self.events.record(AuditEvent(What.FACTORS_RESET, user=user, reason=reason))
            code = await self.hand_out(user, email)
        for enrolment, is_last in removed:
            if is_last:
                await self.kinds.of(enrolment).forget(enrolment)
        return FactorsReset(len(removed), code)
