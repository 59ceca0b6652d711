"""Which channels work for an account now, without making anybody wait for the vendor twice."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import ProviderUnavailable
from services.twofactor.model.factor import Enrolment, Word
from services.twofactor.ports import Provider, StateCache

log = structlog.get_logger()

KEPT_FOR = timedelta(seconds=15)
# While the vendor is away, it is asked again this often, not once per login.
SILENCE_KEPT_FOR = timedelta(seconds=5)
# Listing is on the way of every login: past this, "unknown" is the better answer.
PATIENCE_SECONDS = 2.5


@dataclass(frozen=True)
class AskStates:
    """Asks the vendor for at most `patience` seconds, or takes what it said seconds ago, and was kept.

    `held`: channels by which nobody is asked now, with the seconds that it lasts. It is not remembered: it is known
    here, also of a vendor that says nothing, and it passes.
    """

    provider: Provider
    cache: StateCache
    patience: float = PATIENCE_SECONDS
    held: Callable[[], Mapping[Channel, int]] = dict

    async def __call__(self, enrolment: Enrolment, kept: Word | None) -> Word:
        """The vendor's word; raises `AccountUnknown` if it does not know the account any more."""
        return self.at_hand(await self._asked(enrolment) if kept is None else kept)

    def at_hand(self, kept: Word | None) -> Word:
        """What is remembered; the vendor is not asked."""
        return Word(None if kept is None else kept.states, self.held())

    async def _asked(self, enrolment: Enrolment) -> Word:
        word = await self._ask(enrolment.account)
        life = SILENCE_KEPT_FOR if word.states is None else KEPT_FOR
        await self.cache.keep(enrolment.user, enrolment.id, word, life)
        return word

    async def _ask(self, account: str) -> Word:
        try:
            async with asyncio.timeout(self.patience):
                return Word(tuple(await self.provider.channels(account)))
        except (ProviderUnavailable, asyncio.TimeoutError) as away:
            log.warning("states_unknown", provider=self.provider.name, kind=type(away).__name__)
            return Word(None)
