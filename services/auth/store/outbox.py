"""Ended sessions that the feed does not have yet: rows of `sessions`, written by the statement that ended them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg

from services.auth.model.ended import Ended

AT_ONCE = 500


class PostgresOutbox:
    """Implements `Outbox`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    # Another process that is at it has locked its rows: each is told once, as long as nobody crashes.
    _TAKE = """
    SELECT id, began_at, ended_at FROM sessions WHERE ended_at IS NOT NULL AND announced_at IS NULL
    ORDER BY ended_at LIMIT $1 FOR UPDATE SKIP LOCKED
    """
    _TOLD = "UPDATE sessions SET announced_at = $2 WHERE id = ANY($1) AND began_at = ANY($3)"

    @asynccontextmanager
    async def take(self, now: datetime) -> AsyncIterator[Sequence[Ended]]:
        async with self.pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(self._TAKE, AT_ONCE)
            yield [Ended(str(row["id"]), row["ended_at"]) for row in rows]
            if rows:
                ids, began = [row["id"] for row in rows], [row["began_at"] for row in rows]
                await connection.execute(self._TOLD, ids, now, began)

    _REPEAT = "UPDATE sessions SET announced_at = NULL WHERE ended_at > $1 AND announced_at IS NOT NULL"

    async def repeat(self, since: datetime) -> None:
        await self.pool.execute(self._REPEAT, since)
