"""Which channels work for an account now, without making anybody wait for the vendor twice."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

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
    """Asks the vendor for at most `patience` seconds, or remembers what it said seconds ago."""

    provider: Provider
    cache: StateCache
    patience: float = PATIENCE_SECONDS

    async def __call__(self, account: str) -> Word:
        """The vendor's word; raises `AccountUnknown` if it does not know the account any more."""
        kept = await self.cache.read(account)
        if kept is not None:
            return kept
        word = await self._ask(account)
        await self.cache.keep(account, word, SILENCE_KEPT_FOR if word.states is None else KEPT_FOR)
        return word

    async def at_hand(self, account: str) -> Word:
        """What is remembered; the vendor is not asked."""
        return await self.cache.read(account) or Word(None)

    async def _ask(self, account: str) -> Word:
        try:
            async with asyncio.timeout(self.patience):
                return Word(tuple(await self.provider.channels(account)))
        except (ProviderUnavailable, asyncio.TimeoutError) as away:
            log.warning("states_unknown", provider=self.provider.name, kind=type(away).__name__)
            return Word(None)
