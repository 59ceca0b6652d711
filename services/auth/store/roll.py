"""People as an operator sees and changes them, in tables `users` and `sessions`."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.auth.model.session import End
from services.auth.model.user import User
from services.auth.store.session_rows import END_ALL
from services.auth.store.users import COLUMNS, user_of


class PostgresRoll:
    """Implements `Roll`. What shuts somebody out is one transaction: there is no moment at which half of it is true."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    _PAGE = f"""
    SELECT {COLUMNS} FROM users WHERE email_key > $2 AND ($1 = '' OR strpos(email_key, $1) > 0)
    ORDER BY email_key LIMIT $3
    """  # noqa: S608 put together from constants

    async def page(self, part: str, after: str, most: int) -> Sequence[User]:
        return [user_of(row) for row in await self.pool.fetch(self._PAGE, part.casefold(), after, most)]

    # The person's row is locked first. A login that opens a session at this moment holds it, too: either it is seen
    # here and ended, or it waits and finds that it may not.
    _DISABLE = """
    UPDATE users SET disabled_at = coalesce(disabled_at, $2), proofs_void_before = $2 WHERE id = $1
    """

    async def disable(self, user_id: str, now: datetime) -> int:
        return await self._end_all(self._DISABLE, user_id, End.DISABLED, now)

    _ENABLE = "UPDATE users SET disabled_at = NULL WHERE id = $1"

    async def enable(self, user_id: str) -> None:
        await self.pool.execute(self._ENABLE, user_id)

    _EXPIRE = "UPDATE users SET password_disavowed_at = greatest(password_disavowed_at, $2) WHERE id = $1"

    async def expire_password(self, user_id: str, now: datetime) -> int:
        return await self._end_all(self._EXPIRE, user_id, End.OPERATOR, now)

    _VOID = "UPDATE users SET proofs_void_before = $2 WHERE id = $1"

    async def sign_out(self, user_id: str, reason: End, now: datetime) -> int:
        return await self._end_all(self._VOID, user_id, reason, now)

    async def _end_all(self, statement: str, user_id: str, reason: End, now: datetime) -> int:
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(statement, user_id, now)
            return len(await connection.fetch(END_ALL, user_id, None, reason, now))
