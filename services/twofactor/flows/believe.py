"""A login's partial token comes with each of its steps: it is verified, then remembered for a minute."""

from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from chassis.clock import Clock
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
        self.partials, self.clock, self.kept = partials, clock, kept
        self.verdicts: OrderedDict[bytes, tuple[PartialToken, datetime]] = OrderedDict()

    async def verify(self, text: str) -> PartialToken:
        """As `partials` says. Only what is believed is remembered: who sends nonsense takes nobody's place."""
        # By its digest: whoever reads this process's memory finds no list of tokens.
        digest = sha256(text.encode(errors="surrogatepass")).digest()
        known, now = self.verdicts.get(digest), self.clock()
        if known is not None and now < known[1]:
            return known[0]
        token = await self.partials.verify(text)
        self.verdicts[digest] = token, min(token.expires_at, now + REMEMBERED)
        self.verdicts.move_to_end(digest)
        if len(self.verdicts) > self.kept:
            self.verdicts.popitem(last=False)
        return token
