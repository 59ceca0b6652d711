"""A factor goes, whoever asks for it: here at once, and with the last of its people at the vendor, too."""

from dataclasses import dataclass, replace

from services.twofactor.flows.kinds import Kinds
from services.twofactor.model.events import What, of_factor
from services.twofactor.model.factor import Enrolment
from services.twofactor.ports import Enrolments, Events


@dataclass(frozen=True)
class ForgetFactor:
    """Forgets an enrolment, and with it all of its channels."""

    enrolments: Enrolments
    kinds: Kinds
    events: Events

    async def __call__(self, enrolment: Enrolment, *, reason: str = "") -> None:
        """`reason`: an operator's words."""
        async with self.events.together():
            is_last = await self.enrolments.remove(enrolment)
            await self.events.record(replace(of_factor(What.FACTOR_REMOVED, enrolment), reason=reason))
        if is_last:
            await self.kinds.of(enrolment).forget(enrolment)
