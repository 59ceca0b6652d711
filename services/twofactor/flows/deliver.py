"""Sends a challenge, and makes room for the next one if that fails."""

from contextlib import suppress
from dataclasses import dataclass

from services.twofactor.flows.advance import Advance
from services.twofactor.flows.ask_states import SILENCE_KEPT_FOR
from services.twofactor.flows.kinds import Kinds
from services.twofactor.flows.list_factors import ListFactors
from services.twofactor.model.challenge import Challenge, Event
from services.twofactor.model.errors import AccountUnknown, ChallengeClosed, ChannelUnavailable, ProviderUnavailable
from services.twofactor.model.factor import Word
from services.twofactor.ports import StateCache

_RETRY_SECONDS = 5


@dataclass(frozen=True)
class Deliver:
    """A failure cancels the challenge and names the other ways: nobody waits for what was never sent."""

    kinds: Kinds
    advance: Advance
    factors: ListFactors
    cache: StateCache

    async def __call__(self, challenge: Challenge, counted_as: str) -> Challenge:
        """The challenge as it was delivered; raises `ProviderUnavailable` or `ChannelUnavailable` with `factors`."""
        try:
            return await self.kinds.by(challenge.channel).send(challenge, counted_as)
        except ProviderUnavailable as away:
            await self._cancel(challenge, "provider_unavailable")
            # Whoever lists the other ways now is not to wait for the vendor, nor to be sent back to it first.
            await self.cache.keep(challenge.user, challenge.enrolment, Word(None), SILENCE_KEPT_FOR)
            away.retry_after = away.retry_after or _RETRY_SECONDS
            away.members = {**away.members, "factors": await self._others(challenge)}
            raise
        except ChannelUnavailable as closed:
            await self._cancel(challenge, "channel_unavailable")
            # What was kept said that this channel works.
            await self.cache.forget(challenge.user, challenge.enrolment)
            closed.members = {**closed.members, "factors": await self._others(challenge)}
            raise
        except AccountUnknown:
            await self._cancel(challenge, "account_unknown")
            raise

    async def _cancel(self, challenge: Challenge, reason: str) -> None:
        # The vendor may have sent it all the same, and the person may have answered already: then that stands.
        with suppress(ChallengeClosed):
            await self.advance(challenge, Event.PERSON_CANCELS, reason=reason)

    async def _others(self, challenge: Challenge) -> list[object]:
        return [factor.shown() for factor in await self.factors.others(challenge)]
