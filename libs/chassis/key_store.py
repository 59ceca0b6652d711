"""Signing keys in PostgreSQL: table `signing_keys` in the service's own schema."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta

import asyncpg
import structlog
from aiohttp import web

from chassis.beside import beside, repeated_later
from chassis.keyring import LEAD, KeyRing, NewId, SigningKey, new_key, read_key
from chassis.sealed_columns import SealedColumn
from chassis.sealing import Sealer
from chassis.transactions import JoiningPool

log = structlog.get_logger()
# A key that was retired is withdrawn by every process within this time.
REFRESH_SECONDS = 5.0
PATIENCE_SECONDS = 90.0
LOCK = 0x6B657973

_LOCK = "SELECT pg_advisory_xact_lock($1)"
_READ = """
SELECT kid, private_sealed, signs_from, published_until FROM signing_keys
WHERE published_until IS NULL OR published_until > $1 ORDER BY signs_from, created_at
"""
_ADD = "INSERT INTO signing_keys (kid, private_sealed, signs_from) VALUES ($1, $2, $3)"
_KEEP_PUBLIC = """
INSERT INTO verification_keys (kid, jwk, signs_from) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
_SUCCEED = "UPDATE signing_keys SET published_until = $2 WHERE published_until IS NULL AND kid <> $1"
_WITHDRAW = "UPDATE signing_keys SET published_until = $2 WHERE kid = $1"
_GO_ON = "UPDATE signing_keys SET published_until = NULL WHERE kid = $1"
PRIVATE = SealedColumn("signing_keys", "private_sealed", "kid")


class KeyUnknown(Exception):
    """No key by that name is published."""


class OnlySigner(Exception):
    """No other key may sign now."""


class KeyStore:
    """Reads, makes and replaces the keys of one issuer; every process of the service shares them.

    `sealed` is what else the service keeps under the same sealer: it is sealed anew together with the keys.
    """

    def __init__(
        self, pool: JoiningPool, sealer: Sealer, ring: KeyRing, new_id: NewId, sealed: Sequence[SealedColumn] = ()
    ) -> None:
        self.pool, self.sealer, self.ring, self.new_id = pool, sealer, ring, new_id
        self.sealed = (PRIVATE, *sealed)
        self._kept: set[str] = set()

    async def refresh(self) -> None:
        """Brings the ring up to date; the first process of all makes the first key, of each algorithm."""
        keys = await self.read(self.pool)
        if not self._of_our_algorithm(keys):
            keys = await self._make_first()
        await self._keep_public(keys)
        self.ring.keys = tuple(keys)

    async def rotate(self, *, token_life: timedelta, lead: timedelta = LEAD) -> SigningKey:
        """A new key that signs after `lead`; the old ones stay published until `token_life` after that."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK, LOCK)
            key = new_key(self.new_id(), self.ring.clock() + lead, self.ring.algorithm)
            await self._add(connection, key)
            await connection.execute(_SUCCEED, key.kid, key.signs_from + token_life + LEAD)
        await self.refresh()
        return key

    async def retire(self, kid: str) -> None:
        """Withdraws a key at once: nothing it signed is believed any more. Raises `KeyUnknown`, `OnlySigner`."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK, LOCK)
            keys, now = await self.read(connection), self.ring.clock()
            if kid not in {key.kid for key in keys}:
                raise KeyUnknown(kid)
            others = self._of_our_algorithm([key for key in keys if key.kid != kid])
            if not any(key.signs_from <= now for key in others):
                raise OnlySigner(kid)
            await connection.execute(_WITHDRAW, kid, now)
            # The newest that is left has no successor now, whatever was planned for it.
            await connection.execute(_GO_ON, others[-1].kid)
        await self.refresh()

    async def reseal(self) -> int:
        """Seals all that is sealed here anew, with the first of our keys; answers how many. Raises `Unsealable`."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK, LOCK)
            return sum([await column.reseal(connection, self.sealer) for column in self.sealed])

    async def _make_first(self) -> list[SigningKey]:
        async with self.pool.acquire() as connection, connection.transaction():
            # Two processes that start together would each make a key: the second one waits here and finds it.
            await connection.execute(_LOCK, LOCK)
            keys = await self.read(connection)
            if not self._of_our_algorithm(keys):
                await self._add(connection, new_key(self.new_id(), self.ring.clock(), self.ring.algorithm))
                keys = await self.read(connection)
        return keys

    async def _add(self, connection: asyncpg.Connection, key: SigningKey) -> None:
        sealed = self.sealer.seal(key.private_bytes(), PRIVATE.place(key.kid))
        await connection.execute(_ADD, key.kid, sealed, key.signs_from)

    async def read(self, connection: asyncpg.Pool | asyncpg.Connection) -> list[SigningKey]:
        """Every published key, opened; nothing is made, and the ring stays as it is. Raises `Unsealable`."""
        rows = await connection.fetch(_READ, self.ring.clock())
        return [read_key(row["kid"], self._unsealed(row), row["signs_from"], row["published_until"]) for row in rows]

    async def _keep_public(self, keys: Sequence[SigningKey]) -> None:
        # For good, and before it signs: what it signs is checked long after the key itself is gone.
        for key in keys:
            if key.kid not in self._kept:
                await self.pool.execute(_KEEP_PUBLIC, key.kid, json.dumps(key.public_jwk()), key.signs_from)
                self._kept.add(key.kid)

    def _of_our_algorithm(self, keys: list[SigningKey]) -> list[SigningKey]:
        return [key for key in keys if key.algorithm == self.ring.algorithm]

    def _unsealed(self, row: asyncpg.Record) -> bytes:
        return self.sealer.open(row["private_sealed"], PRIVATE.place(row["kid"]))


def keys_ctx(make: Callable[[web.Application], KeyStore]) -> Callable[[web.Application], AsyncIterator[None]]:
    """For `cleanup_ctx`, after `postgres_ctx`: keys are there when the process serves, and are kept fresh."""

    async def ctx(app: web.Application) -> AsyncIterator[None]:
        store = make(app)
        await _first_refresh(store)
        # The keys we have go on serving while none can be read.
        async with beside(repeated_later(store.refresh, REFRESH_SECONDS, "keys_not_refreshed")):
            yield

    return ctx


async def _first_refresh(store: KeyStore) -> None:
    """Waits for the migration job, which may still be running when this process starts."""
    waited = 0.0
    while True:
        try:
            return await store.refresh()
        except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError) as missing:
            if waited >= PATIENCE_SECONDS:
                raise
            log.warning("schema_not_ready", kind=type(missing).__name__)
            await asyncio.sleep(1)
            waited += 1
