"""What was disavowed: table `disavowals`, and the mark on `users` that keeps every session shut."""

from datetime import datetime

import asyncpg

from countersign.claims import Disavowal
from services.auth.model.session import End
from services.auth.model.user import User
from services.auth.store.session_rows import END_ALL


class PostgresDisavowals:
    """Implements `Disavowals`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    _HEAR = """
    INSERT INTO disavowals (id, user_id, said_at, heard_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (id) DO NOTHING RETURNING id
    """
    # A statement says its time in whole seconds: the end of that second, so that no approval within it counts as later.
    _MARK = """
    UPDATE users SET password_disavowed_at = greatest(password_disavowed_at, $2::timestamptz + interval '1 second')
    WHERE id = $1 RETURNING id
    """

    async def heed(self, said: Disavowal, now: datetime) -> bool:
        async with self.pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(self._HEAR, said.id, said.subject, said.said_at, now) is None:
                return False
            # The person's row first: a session that opens at this moment has it locked, and is seen below.
            if await connection.fetchval(self._MARK, said.subject, said.said_at) is None:
                return False
            await connection.fetch(END_ALL, said.subject, None, End.DISAVOWED, now)
        return True

    _CONFIRMED = "SELECT EXISTS (SELECT FROM users WHERE id = $1 AND password_disavowed_at <= $2)"

    async def confirmed_since(self, user_id: str, confirmed_at: datetime) -> bool:
        return bool(await self.pool.fetchval(self._CONFIRMED, user_id, confirmed_at))

    _RENEW = """
    UPDATE users SET password_hash = $3, password_changed_at = $5, password_disavowed_at = NULL
    WHERE id = $1 AND password_hash = $2 AND password_disavowed_at <= $4 AND disabled_at IS NULL
      AND (proofs_void_before IS NULL OR proofs_void_before < $4) RETURNING id
    """

    async def renew_password(self, user: User, password_hash: str, confirmed_at: datetime, now: datetime) -> bool:
        renewed = await self.pool.fetchval(self._RENEW, user.id, user.password_hash, password_hash, confirmed_at, now)
        return renewed is not None
