"""Which channels work for an account now, without making anybody wait for the vendor twice."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import ProviderUnavailable
from services.twofactor.model.factor import Word
from services.twofactor.ports import Provider, StateCache

log = structlog.get_logger()

KEPT_FOR = timedelta(seconds=15)
# While the vendor is away, it is asked again this often, not once per login.
SILENCE_KEPT_FOR = timedelta(seconds=5)
# Listing is on the way of every login: past this, "unknown" is the better answer.
PATIENCE_SECONDS = 2.5


@dataclass(frozen=True)
class AskStates:
    """Asks the vendor for at most `patience` seconds, or remembers what it said seconds ago.

    `held`: channels by which nobody is asked now, with the seconds that it lasts. It is not remembered: it is known
    here, also of a vendor that says nothing, and it passes.
    """

    provider: Provider
    cache: StateCache
    patience: float = PATIENCE_SECONDS
    held: Callable[[], Mapping[Channel, int]] = dict

    async def __call__(self, account: str) -> Word:
        """The vendor's word; raises `AccountUnknown` if it does not know the account any more."""
        word = await self.cache.read(account)
        if word is None:
            word = await self._ask(account)
            await self.cache.keep(account, word, SILENCE_KEPT_FOR if word.states is None else KEPT_FOR)
        return replace(word, held=self.held())

    async def at_hand(self, account: str) -> Word:
        """What is remembered; the vendor is not asked."""
        return replace(await self.cache.read(account) or Word(None), held=self.held())

    async def _ask(self, account: str) -> Word:
        try:
            async with asyncio.timeout(self.patience):
                return Word(tuple(await self.provider.channels(account)))
        except (ProviderUnavailable, asyncio.TimeoutError) as away:
            log.warning("states_unknown", provider=self.provider.name, kind=type(away).__name__)
            return Word(None)
