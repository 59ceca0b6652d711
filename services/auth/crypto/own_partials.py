"""Partial tokens that come back: what this process has signed a moment ago it need not verify."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256

from jwt.utils import base64url_decode

from chassis.clock import Clock
from chassis.remembered import Remembered
from countersign.claims import PartialToken
from countersign.verifier import Keys
from services.auth.ports import PartialSigner, Reader

# Then its signature is looked at, as that of any other.
REMEMBERED = timedelta(seconds=60)


class OwnPartials:
    """Implements `PartialSigner` and `Reader[PartialToken]`; remembers `kept` at most."""

    def __init__(
        self, signer: PartialSigner, reader: Reader[PartialToken], keys: Keys, clock: Clock, kept: int
    ) -> None:
        self.signer, self.reader, self.keys, self.clock = signer, reader, keys, clock
        self.signed: Remembered[bytes, PartialToken] = Remembered(kept)

    def partial(self, token: PartialToken) -> str:
        """Signed and remembered, by its digest: whoever reads this process's memory finds no list of tokens."""
        text, now = self.signer.partial(token), self.clock()
        self.signed.put(_digest(text), _as_read(token), min(token.expires_at, now + REMEMBERED), now)
        return text

    async def verify(self, text: str) -> PartialToken:
        """The token, as `reader` would have read it."""
        known = self.signed.get(_digest(text))
        # A key that was withdrawn, because somebody has it perhaps, vouches for nothing any more: not for a moment.
        if known is not None and self.clock() < known[1] and await self.keys.find(_key_of(text)):
            return known[0]
        return await self.reader.verify(text)


def _as_read(token: PartialToken) -> PartialToken:
    # A token says its times in whole seconds: what it opens is compared with the moment of another password.
    return replace(
        token, issued_at=token.issued_at.replace(microsecond=0), expires_at=token.expires_at.replace(microsecond=0)
    )


def _key_of(text: str) -> str:
    return _key_in(text.partition(".")[0])


# Of our own making, and the same few.
@lru_cache(maxsize=16)
def _key_in(header: str) -> str:
    return str(json.loads(base64url_decode(header))["kid"])


def _digest(text: str) -> bytes:
    return sha256(text.encode(errors="surrogatepass")).digest()
