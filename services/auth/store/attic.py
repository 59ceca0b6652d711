"""Tables of sessions are made ahead of time and dropped whole, by functions of the owner's; see docs/decisions/0028."""

from datetime import datetime, timedelta

import asyncpg

# So many tables hold the open sessions, however long those live: what is asked by person is asked of each of them.
TABLES = 8


class PostgresAttic:
    """Implements `Attic`. The runtime role can neither make nor drop a table, nor delete a session."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    async def make_room(self, life: timedelta) -> None:
        await self.pool.execute("SELECT sessions_extend($1)", -(-life.days // TABLES))

    _KEYS = "DELETE FROM signing_keys WHERE published_until < $1 RETURNING kid"

    async def drop_some(self, before: datetime) -> int:
        tables: int = await self.pool.fetchval("SELECT sessions_expire($1)", before)
        return tables + len(await self.pool.fetch(self._KEYS, before))
