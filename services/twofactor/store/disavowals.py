"""Disavowals in PostgreSQL, table `disavowals`, which is the outbox as well."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg

from services.twofactor.model.disavowal import Disavowal, How

AT_ONCE = 100
_HAS = "SELECT EXISTS (SELECT FROM disavowals WHERE id = $1)"
_ADD = """
INSERT INTO disavowals (id, user_id, how, login, said_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING RETURNING id
"""
# Another process that is at it has locked its rows: each is told once, as long as nobody crashes.
_TAKE = """
SELECT id, user_id, how, login, said_at FROM disavowals WHERE told_at IS NULL
ORDER BY said_at LIMIT $1 FOR UPDATE SKIP LOCKED
"""
_TOLD = "UPDATE disavowals SET told_at = $2 WHERE id = ANY($1)"
_REPEAT = "UPDATE disavowals SET told_at = NULL WHERE said_at > $1 AND told_at IS NOT NULL"


class PostgresDisavowals:
    """Implements `ports_of_pushes.Disavowals`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def has(self, disavowal_id: str) -> bool:
        """Whether it is written down."""
        return bool(await self._pool.fetchval(_HAS, disavowal_id))

    async def add(self, said: Disavowal) -> bool:
        """Writes it down; False if it was before."""
        return await self._pool.fetchval(_ADD, said.id, said.user, said.how, said.login, said.said_at) is not None

    @asynccontextmanager
    async def take(self, now: datetime) -> AsyncIterator[Sequence[Disavowal]]:
        """Some that are not told yet, oldest first; told for good when the block ends without an error."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_TAKE, AT_ONCE)
            yield [
                Disavowal(str(row["id"]), str(row["user_id"]), How(row["how"]), row["login"], row["said_at"])
                for row in rows
            ]
            if rows:
                await connection.execute(_TOLD, [row["id"] for row in rows], now)

    async def repeat(self, since: datetime) -> None:
        """Puts back what was said after `since`."""
        await self._pool.execute(_REPEAT, since)
