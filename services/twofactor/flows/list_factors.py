"""Lists the ways in which a person can confirm a login."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.twofactor.flows.ask_states import AskStates
from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import AccountUnknown
from services.twofactor.model.factor import Enrolment, Factor, factors_of, lost_factors, preferred
from services.twofactor.ports import Enrolments


@dataclass(frozen=True)
class ListFactors:
    """Every enrolment by every channel, those that do not work now with their reason."""

    enrolments: Enrolments
    states: AskStates

    async def __call__(self, user: str) -> Sequence[Factor]:
        """Best first within each enrolment; exactly one is preferred, if any works. A silent vendor fails nothing."""
        enrolments = await self.enrolments.of_user(user)
        found = await asyncio.gather(*(self._factors(enrolment) for enrolment in enrolments))
        return _with_preference([factor for factors in found for factor in factors])

    async def others(self, user: str, than: Channel) -> Sequence[Factor]:
        """What else may work when `than` has just failed, by what is at hand: the vendor is not asked again."""
        enrolments = await self.enrolments.of_user(user)
        found = [f for e in enrolments for f in factors_of(e, await self.states.at_hand(e.account))]
        return _with_preference([factor for factor in found if factor.available and factor.channel is not than])

    async def _factors(self, enrolment: Enrolment) -> list[Factor]:
        try:
            return factors_of(enrolment, await self.states(enrolment.account))
        except AccountUnknown:
            return lost_factors(enrolment)


def _with_preference(factors: Sequence[Factor]) -> Sequence[Factor]:
    first = preferred(factors)
    return [replace(factor, preferred=factor is first) for factor in factors]
