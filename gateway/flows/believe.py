"""Whose session a token is: verified once, then remembered until it expires."""

import hashlib
from collections import OrderedDict

from chassis.clock import Clock
from gateway.flows.still_open import StillOpen
from gateway.model.identity import Identity
from gateway.ports import AccessTokens


class Believe:
    """No signature is checked and no network asked for a token that was believed before. At most `kept` are known."""

    def __init__(self, tokens: AccessTokens, still_open: StillOpen, clock: Clock, kept: int) -> None:
        self.tokens, self.still_open, self.clock, self.kept = tokens, still_open, clock, kept
        self.verdicts: OrderedDict[bytes, Identity] = OrderedDict()

    async def __call__(self, text: str) -> Identity:
        """Raises `AccessTokenRefused`, `SecondFactorNeeded`, `KeysUnavailable`, `RevocationsUnknown`."""
        identity = await self._whose(text)
        await self.still_open.require(identity, text)
        return identity

    async def _whose(self, text: str) -> Identity:
        digest = hashlib.sha256(text.encode()).digest()
        known = self.verdicts.get(digest)
        if known is not None and self.clock() < known.expires_at:
            return known
        identity = await self.tokens.read(text)
        self._remember(digest, identity)
        return identity

    def _remember(self, digest: bytes, identity: Identity) -> None:
        self.verdicts[digest] = identity
        self.verdicts.move_to_end(digest)
        if len(self.verdicts) > self.kept:
            self.verdicts.popitem(last=False)
