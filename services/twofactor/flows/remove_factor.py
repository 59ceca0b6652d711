"""Removes a phone."""

from dataclasses import dataclass

import structlog

from chassis.clock import Clock
from countersign import AccessToken
from services.twofactor.flows.freshness import require_fresh
from services.twofactor.model.errors import AccountUnknown, FactorUnknown, ProviderUnavailable
from services.twofactor.model.factor import Enrolment, read_factor_id
from services.twofactor.ports import Enrolments, Provider

log = structlog.get_logger()


@dataclass(frozen=True)
class RemoveFactor:
    """Forgets an enrolment, and with it all of its channels, whichever of them was named."""

    enrolments: Enrolments
    provider: Provider
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
            await self._forget_at_vendor(enrolment)

    async def _forget_at_vendor(self, enrolment: Enrolment) -> None:
        # Here it is gone already, and the vendor takes a day anyway: its failure is no failure of the removal.
        try:
            await self.provider.remove(enrolment.account)
        except (ProviderUnavailable, AccountUnknown) as failed:
            log.warning("vendor_still_knows", factor=enrolment.id, kind=type(failed).__name__)
