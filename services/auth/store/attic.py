"""Removes old rows, a few at a time, one process at a time."""

from datetime import datetime

import asyncpg

AT_ONCE = 500
LOCK = 0x61747469


class PostgresAttic:
    """Implements `Attic`. Short transactions: a long one would hold back vacuum for everybody."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    _SESSIONS = """
    DELETE FROM sessions WHERE id IN (
        SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ) RETURNING id
    """
    _KEYS = "DELETE FROM signing_keys WHERE published_until < $1 RETURNING kid"

    async def remove_some(self, before: datetime) -> int:
        async with self.pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK):
                return 0
            sessions = await connection.fetch(self._SESSIONS, before, AT_ONCE)
            keys = await connection.fetch(self._KEYS, before)
        return len(sessions) + len(keys)
