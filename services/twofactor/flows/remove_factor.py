"""Removes a factor."""

from dataclasses import dataclass

import structlog

from chassis.clock import Clock
from countersign import AccessToken
from services.twofactor.flows.freshness import require_fresh
from services.twofactor.flows.kinds import Kinds
from services.twofactor.model.errors import FactorUnknown
from services.twofactor.model.factor import read_factor_id
from services.twofactor.ports import Enrolments

log = structlog.get_logger()


@dataclass(frozen=True)
class RemoveFactor:
    """Forgets an enrolment, and with it all of its channels, whichever of them was named."""

    enrolments: Enrolments
    kinds: Kinds
    clock: Clock

    async def __call__(self, session: AccessToken, factor_id: str) -> None:
        """Raises `StaleSession`, `FactorUnknown`. Where the last one goes, the next login enrols anew."""
        require_fresh(session, self.clock())
        named = read_factor_id(factor_id)
        enrolment = await self.enrolments.by_id(session.subject, named[1]) if named else None
        if enrolment is None:
            raise FactorUnknown
        is_last = await self.enrolments.remove(enrolment)
        log.info("factor_removed", user=enrolment.user, factor=enrolment.id)
        if is_last:
            await self.kinds.of(enrolment).forget(enrolment)
