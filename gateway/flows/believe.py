"""Whose session a token is: verified, then remembered for a minute."""

from datetime import datetime, timedelta
from hashlib import sha256

from chassis.remembered import Remembered
from gateway.flows.still_open import StillOpen
from gateway.model.identity import Identity
from gateway.ports import AccessTokens

# Then its signature is checked again: a key that was withdrawn signs nothing any more, and whoever had stolen it would
# have written an end of his own choosing into his tokens.
REMEMBERED = timedelta(seconds=60)


class Believe:
    """Checks no signature and asks no network about a token that was believed just before; of `kept` at most."""

    def __init__(self, tokens: AccessTokens, still_open: StillOpen, kept: int) -> None:
        self.tokens, self.still_open = tokens, still_open
        self.verdicts: Remembered[bytes, Identity] = Remembered(kept)

    async def __call__(self, text: str, now: datetime) -> Identity:
        """Raises `AccessTokenRefused`, `SecondFactorNeeded`, `KeysUnavailable`, `RevocationsUnknown`."""
        # By its digest: whoever reads this process's memory finds no list of tokens.
        digest = sha256(text.encode()).digest()
        known = self.verdicts.get(digest)
        identity = known[0] if known is not None and now < known[1] else await self._verified(text, digest, now)
        await self.still_open.require(identity, text)
        return identity

    async def _verified(self, text: str, digest: bytes, now: datetime) -> Identity:
        identity = await self.tokens.read(text)
        self.verdicts.put(digest, identity, min(identity.expires_at, now + REMEMBERED), now)
        return identity
