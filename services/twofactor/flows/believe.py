"""A login's partial token comes with each of its steps: it is verified, then remembered for a minute."""

from datetime import timedelta
from hashlib import sha256
from typing import Protocol

from chassis.clock import Clock
from chassis.remembered import Remembered
from countersign import PartialToken

# Then its signature is checked again: a key that was withdrawn signs nothing any more.
REMEMBERED = timedelta(seconds=60)


class Partials(Protocol):
    """Who knows whether a partial token is what it says."""

    async def verify(self, text: str) -> PartialToken:
        """The token; raises a kind of `InvalidToken`, or of `CannotTell`."""


class Believe:
    """Checks no signature of a token that was believed just before; of `kept` at most. Implements `Partials`."""

    def __init__(self, partials: Partials, clock: Clock, kept: int) -> None:
        self.partials, self.clock = partials, clock
        self.verdicts: Remembered[bytes, PartialToken] = Remembered(kept)

    async def verify(self, text: str) -> PartialToken:
        """As `partials` says. Only what is believed is remembered: who sends nonsense takes nobody's place."""
        # By its digest: whoever reads this process's memory finds no list of tokens.
        digest = sha256(text.encode(errors="surrogatepass")).digest()
        known, now = self.verdicts.get(digest), self.clock()
        if known is not None and now < known[1]:
            return known[0]
        token = await self.partials.verify(text)
        self.verdicts.put(digest, token, min(token.expires_at, now + REMEMBERED), now)
        return token
