"""Makes recovery codes, or makes them anew."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chassis.clock import Clock
from countersign import AccessToken
from services.twofactor.flows.freshness import require_fresh
from services.twofactor.model.errors import EmailUnknown
from services.twofactor.model.events import What, of_factor
from services.twofactor.model.factor import Enrolment
from services.twofactor.model.recovery import KIND, NAME, digest, grouped
from services.twofactor.ports import Enrolments, Events
from services.twofactor.ports_of_kinds import NewCodes, RecoveryCodes


@dataclass(frozen=True)
class NewRecoveryCodes:
    """Ten codes, told this once; those from before are worth nothing any more."""

    enrolments: Enrolments
    codes: RecoveryCodes
    make: NewCodes
    events: Events
    clock: Clock
    new_id: Callable[[], str]

    async def __call__(self, session: AccessToken) -> Sequence[str]:
        """As they are printed; raises `StaleSession`, `EmailUnknown` (there is no other factor)."""
        # Whoever finds a session open must not walk away with ten keys to it: the second factor was shown just now.
        require_fresh(session, self.clock())
        email = await self.enrolments.email_of(session.subject)
        if email is None:
            raise EmailUnknown
        made, enrolment_id = self.make(), self.new_id()
        enrolment = Enrolment(enrolment_id, session.subject, KIND, enrolment_id, NAME)
        async with self.events.together():
            await self.codes.replace(enrolment, [digest(enrolment_id, code) for code in made], email=email)
            await self.events.record(of_factor(What.RECOVERY_CODES_MADE, enrolment))
        return [grouped(code) for code in made]
