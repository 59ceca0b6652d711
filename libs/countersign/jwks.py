"""An issuer's public keys, kept: the network is asked for an unknown `kid` and now and then, never per request."""

import asyncio
from datetime import datetime, timedelta

from aiohttp import ClientError, ClientSession, ClientTimeout
from jwt import PyJWK

from countersign.bodies import read_object
from countersign.clock import Clock, utc_now
from countersign.errors import KeysUnavailable
from countersign.key_sets import Algorithm, read_keys

FRESH_FOR = timedelta(minutes=5)
# An unknown `kid` may be a new key or an attacker's invention: the issuer is asked at most this often.
FLOOR = timedelta(seconds=5)
MAX_BYTES = 64 * 1024


class JwksCache:
    """Keys by `kid`. While the issuer is away the keys already had go on serving."""

    def __init__(
        self,
        session: ClientSession,
        url: str,
        *,
        algorithm: Algorithm = "ES256",
        clock: Clock = utc_now,
    ) -> None:
        self.session, self.url, self.clock = session, url, clock
        self.algorithm: Algorithm = algorithm
        self.keys: dict[str, PyJWK] = {}
        self.fetched_at: datetime | None = None
        self.asked_at: datetime | None = None
        self.asking = asyncio.Lock()

    async def find(self, kid: str) -> PyJWK | None:
        """The key named `kid`, None if the issuer has none such; raises `KeysUnavailable`."""
        if kid not in self.keys or self._is_older_than(self.fetched_at, FRESH_FOR):
            await self._fetch_unless_just_done()
        if self.fetched_at is None:
            raise KeysUnavailable(self.url)
        return self.keys.get(kid)

    async def _fetch_unless_just_done(self) -> None:
        # One at a time: whoever waited here finds the answer of the one before.
        async with self.asking:
            if not self._is_older_than(self.asked_at, FLOOR if self.keys else timedelta(seconds=0.2)):
                return
            self.asked_at = self.clock()
            try:
                self.keys = await self._fetch()
                self.fetched_at = self.clock()
            except (ClientError, asyncio.TimeoutError, ValueError, TypeError):
                return

    async def _fetch(self) -> dict[str, PyJWK]:
        async with self.session.get(self.url, timeout=ClientTimeout(total=3), allow_redirects=False) as answer:
            answer.raise_for_status()
            document = await read_object(answer, MAX_BYTES)
        return read_keys(document, self.algorithm)

    def _is_older_than(self, moment: datetime | None, age: timedelta) -> bool:
        return moment is None or self.clock() - moment >= age
