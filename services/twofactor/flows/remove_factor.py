"""A person removes a factor of theirs."""

from dataclasses import dataclass

from chassis.clock import Clock
from countersign import AccessToken
from services.twofactor.flows.forget_factor import ForgetFactor
from services.twofactor.flows.freshness import require_fresh
from services.twofactor.model.errors import FactorUnknown
from services.twofactor.model.factor import read_factor_id
from services.twofactor.ports import Enrolments


@dataclass(frozen=True)
class RemoveFactor:
    """Forgets an enrolment, and with it all of its channels, whichever of them was named."""

    enrolments: Enrolments
    forget: ForgetFactor
    clock: Clock

    async def __call__(self, session: AccessToken, factor_id: str) -> None:
        """Raises `StaleSession`, `FactorUnknown`, `LastFactor`: who has lost the only one asks an operator."""
        require_fresh(session, self.clock())
        named = read_factor_id(factor_id)
        enrolment = await self.enrolments.by_id(session.subject, named[1]) if named else None
        if enrolment is None:
            raise FactorUnknown
        await self.forget(enrolment)
