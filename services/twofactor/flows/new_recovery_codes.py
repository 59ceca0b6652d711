"""Makes recovery codes, or makes them anew."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from chassis.clock import Clock
from countersign import AccessToken
from services.twofactor.flows.freshness import require_fresh
from services.twofactor.model.errors import EmailUnknown
from services.twofactor.model.factor import Enrolment
from services.twofactor.model.recovery import KIND, NAME, digest, grouped
from services.twofactor.ports import Enrolments
from services.twofactor.ports_of_kinds import NewCodes, RecoveryCodes

log = structlog.get_logger()


@dataclass(frozen=True)
class NewRecoveryCodes:
    """Ten codes, told this once; those from before are worth nothing any more."""

    enrolments: Enrolments
    codes: RecoveryCodes
    make: NewCodes
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
        await self.codes.replace(enrolment, [digest(enrolment_id, code) for code in made], email=email)
        log.warning("recovery_codes_made", user=session.subject, factor=enrolment_id)
        return [grouped(code) for code in made]
