"""Lists the ways in which a person can confirm a login."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.twofactor.flows.kinds import Kinds
from services.twofactor.flows.pace_pushes import PacePushes
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import LAST_RESORTS, Channel, Unavailable
from services.twofactor.model.errors import AccountUnknown
from services.twofactor.model.factor import Enrolment, Factor, factors_of, lost_factors, preferred
from services.twofactor.ports import Enrolments


@dataclass(frozen=True)
class ListFactors:
    """Every enrolment by every channel, those that do not work now with their reason."""

    enrolments: Enrolments
    kinds: Kinds
    pushes: PacePushes

    async def __call__(self, user: str) -> Sequence[Factor]:
        """Best first within each enrolment; exactly one is preferred, if any works. A silent vendor fails nothing."""
        enrolments = await self.enrolments.of_user(user)
        found = await asyncio.gather(*(self._factors(enrolment) for enrolment in enrolments))
        return _with_preference(await self._held(user, [factor for factors in found for factor in factors]))

    async def others(self, failed: Challenge) -> Sequence[Factor]:
        """What else may work when this has just failed, by what is at hand: nobody outside is asked again."""
        enrolments = await self.enrolments.of_user(failed.user)
        at_hand = [factor for enrolment in enrolments for factor in await self._factors(enrolment, at_hand=True)]
        found = await self._held(failed.user, at_hand)
        return _with_preference([factor for factor in found if factor.available and factor.id != failed.factor_id])

    async def _held(self, user: str, factors: list[Factor]) -> list[Factor]:
        """Pushes do not work while they rest; one that is on the phone now is said where the next one is asked for."""
        hold = await self.pushes.hold(user)
        if hold is None or hold.reason is Unavailable.PUSH_OPEN:
            return factors
        wait = hold.seconds(self.pushes.clock())
        return [factor.held(hold.reason, wait) if factor.channel is Channel.PUSH else factor for factor in factors]

    async def _factors(self, enrolment: Enrolment, *, at_hand: bool = False) -> list[Factor]:
        kind = self.kinds.of(enrolment)
        try:
            word = await (kind.at_hand(enrolment) if at_hand else kind.states(enrolment))
        except AccountUnknown:
            return lost_factors(enrolment, kind.channels)
        return factors_of(enrolment, kind.channels, word)


def _with_preference(factors: Sequence[Factor]) -> Sequence[Factor]:
    first = preferred(factors)
    ordered = sorted(factors, key=lambda factor: factor.channel in LAST_RESORTS)
    return [replace(factor, preferred=factor is first) for factor in ordered]
