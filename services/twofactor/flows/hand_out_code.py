"""One recovery code for somebody who has nothing left: told once, to whoever has made sure who they are."""

from collections.abc import Callable
from dataclasses import dataclass

from services.twofactor.model.events import What, of_factor
from services.twofactor.model.factor import Enrolment
from services.twofactor.model.recovery import KIND, NAME, digest, grouped
from services.twofactor.ports import Events
from services.twofactor.ports_of_kinds import NewCodes, RecoveryCodes


@dataclass(frozen=True)
class HandOutCode:
    """A set of one, in place of any before. So there is never a moment at which the password alone may enrol."""

    codes: RecoveryCodes
    make: NewCodes
    events: Events
    new_id: Callable[[], str]

    async def __call__(self, user: str, email: str) -> str:
        """The code as it is read out or printed."""
        code, enrolment_id = self.make()[0], self.new_id()
        enrolment = Enrolment(enrolment_id, user, KIND, enrolment_id, NAME)
        await self.codes.replace(enrolment, [digest(enrolment_id, code)], email=email)
        await self.events.record(of_factor(What.RECOVERY_CODES_MADE, enrolment))
        return grouped(code)
