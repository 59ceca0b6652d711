"""Lists the ways in which a person can confirm a login."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from countersign import AccessToken, PartialToken
from services.twofactor.flows.kinds import Kinds
from services.twofactor.flows.pace_pushes import PacePushes
from services.twofactor.flows.require_standing import RequireStanding
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import LAST_RESORTS, Channel, Unavailable
from services.twofactor.model.errors import AccountUnknown
from services.twofactor.model.factor import Enrolment, Factor, Word, factors_of, lost_factors, preferred
from services.twofactor.model.push_pace import Hold
from services.twofactor.ports import Enrolments, StateCache


@dataclass(frozen=True)
class ListFactors:
    """Every enrolment by every channel, those that do not work now with their reason."""

    standing: RequireStanding
    enrolments: Enrolments
    kinds: Kinds
    cache: StateCache
    pushes: PacePushes

    async def __call__(self, person: PartialToken | AccessToken) -> Sequence[Factor]:
        """Best first within each enrolment; exactly one is preferred, if any works. A silent vendor fails nothing.

        Raises `NotAuthenticated` before a vendor is asked, and before anything is told.
        """
        user = person.subject
        standing, kept, hold = self.standing(person), self.cache.of(user), self.pushes.hold(user)
        enrolments = await self.enrolments.of_user(user)
        await standing
        words = await kept
        found = await _side_by_side([self._factors(enrolment, words) for enrolment in enrolments])
        return _with_preference(self._held([factor for factors in found for factor in factors], await hold))

    async def others(self, failed: Challenge) -> Sequence[Factor]:
        """What else may work when this has just failed, by what is at hand: nobody outside is asked again."""
        kept, hold = self.cache.of(failed.user), self.pushes.hold(failed.user)
        enrolments, words = await self.enrolments.of_user(failed.user), await kept
        at_hand = [factor for each in enrolments for factor in await self._factors(each, words, at_hand=True)]
        found = self._held(at_hand, await hold)
        return _with_preference([factor for factor in found if factor.available and factor.id != failed.factor_id])

    def _held(self, factors: list[Factor], hold: Hold | None) -> list[Factor]:
        """Pushes do not work while they rest; one that is on the phone now is said where the next one is asked for."""
        if hold is None or hold.reason is Unavailable.PUSH_OPEN:
            return factors
        wait = hold.seconds(self.pushes.clock())
        return [factor.held(hold.reason, wait) if factor.channel is Channel.PUSH else factor for factor in factors]

    async def _factors(
        self, enrolment: Enrolment, words: Mapping[str, Word], *, at_hand: bool = False
    ) -> Sequence[Factor]:
        kind, kept = self.kinds.of(enrolment), words.get(enrolment.id)
        try:
            word = await (kind.at_hand(enrolment, kept) if at_hand else kind.states(enrolment, kept))
        except AccountUnknown:
            return lost_factors(enrolment, kind.channels)
        return factors_of(enrolment, kind.channels, word)


async def _side_by_side(works: Sequence[Coroutine[Any, Any, Sequence[Factor]]]) -> Sequence[Sequence[Factor]]:
    # Nearly everybody has one enrolment: a task for it would cost as much as what it does.
    return [await works[0]] if len(works) == 1 else await asyncio.gather(*works)


def _with_preference(factors: Sequence[Factor]) -> Sequence[Factor]:
    first = preferred(factors)
    ordered = sorted(factors, key=lambda factor: factor.channel in LAST_RESORTS)
    return [replace(factor, preferred=True) if factor is first else factor for factor in ordered]
