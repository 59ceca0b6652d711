"""Whose session a token is: verified once, then remembered until it expires."""

from collections import OrderedDict
from datetime import datetime
from hashlib import sha256

from gateway.flows.still_open import StillOpen
from gateway.model.identity import Identity
from gateway.ports import AccessTokens


class Believe:
    """No signature is checked and no network asked for a token that was believed before. At most `kept` are known."""

    def __init__(self, tokens: AccessTokens, still_open: StillOpen, kept: int) -> None:
        self.tokens, self.still_open, self.kept = tokens, still_open, kept
        self.verdicts: OrderedDict[bytes, Identity] = OrderedDict()

    async def __call__(self, text: str, now: datetime) -> Identity:
        """Raises `AccessTokenRefused`, `SecondFactorNeeded`, `KeysUnavailable`, `RevocationsUnknown`."""
        # By its digest: whoever reads this process's memory finds no list of tokens.
        digest = sha256(text.encode()).digest()
        identity = self.verdicts.get(digest)
        if identity is None or now >= identity.expires_at:
            identity = await self.tokens.read(text)
            self._remember(digest, identity)
        await self.still_open.require(identity, text)
        return identity

    def _remember(self, digest: bytes, identity: Identity) -> None:
        self.verdicts[digest] = identity
        self.verdicts.move_to_end(digest)
        if len(self.verdicts) > self.kept:
            self.verdicts.popitem(last=False)
