"""Partial tokens that come back: what this process has signed a moment ago it need not verify."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from chassis.clock import Clock
from chassis.remembered import Remembered
from countersign.claims import PartialToken
from services.auth.ports import PartialSigner, Reader

# Then its signature is looked at, as that of any other: a key that was withdrawn signs nothing any more.
REMEMBERED = timedelta(seconds=60)


class OwnPartials:
    """Implements `PartialSigner` and `Reader[PartialToken]`; remembers `kept` at most."""

    def __init__(self, signer: PartialSigner, reader: Reader[PartialToken], clock: Clock, kept: int) -> None:
        self.signer, self.reader, self.clock = signer, reader, clock
        self.signed: Remembered[bytes, PartialToken] = Remembered(kept)

    def partial(self, token: PartialToken) -> str:
        """Signed and remembered, by its digest: whoever reads this process's memory finds no list of tokens."""
        text, now = self.signer.partial(token), self.clock()
        self.signed.put(_digest(text), _as_read(token), min(token.expires_at, now + REMEMBERED), now)
        return text

    async def verify(self, text: str) -> PartialToken:
        """The token, as `reader` would have read it."""
        known = self.signed.get(_digest(text))
        if known is not None and self.clock() < known[1]:
            return known[0]
        return await self.reader.verify(text)


def _as_read(token: PartialToken) -> PartialToken:
    # A token says its times in whole seconds: what it opens is compared with the moment of another password.
    return replace(
        token, issued_at=token.issued_at.replace(microsecond=0), expires_at=token.expires_at.replace(microsecond=0)
    )


def _digest(text: str) -> bytes:
    return sha256(text.encode(errors="surrogatepass")).digest()
