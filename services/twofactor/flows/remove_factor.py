"""Removes a factor."""

from dataclasses import dataclass

from chassis.clock import Clock
from countersign import AccessToken
from services.twofactor.flows.freshness import require_fresh
from services.twofactor.flows.kinds import Kinds
from services.twofactor.model.errors import FactorUnknown
from services.twofactor.model.events import What, of_factor
from services.twofactor.model.factor import read_factor_id
from services.twofactor.ports import Enrolments, Events


@dataclass(frozen=True)
class RemoveFactor:
    """Forgets an enrolment, and with it all of its channels, whichever of them was named."""

    enrolments: Enrolments
    kinds: Kinds
    events: Events
    clock: Clock

    async def __call__(self, session: AccessToken, factor_id: str) -> None:
        """Raises `StaleSession`, `FactorUnknown`, `LastFactor`: who has lost the only one asks an operator."""
        require_fresh(session, self.clock())
        named = read_factor_id(factor_id)
        enrolment = await self.enrolments.by_id(session.subject, named[1]) if named else None
        if enrolment is None:
            raise FactorUnknown
        async with self.events.together():
            is_last = await self.enrolments.remove(enrolment)
            await self.events.record(of_factor(What.FACTOR_REMOVED, enrolment))
        if is_last:
            await self.kinds.of(enrolment).forget(enrolment)
