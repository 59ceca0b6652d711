"""People, in table `users`."""

from datetime import datetime
from typing import Any

import asyncpg

from services.auth.model.email import Email
from services.auth.model.errors import EmailTaken
from services.auth.model.session import End
from services.auth.model.user import User
from services.auth.store.session_rows import END_ALL

COLUMNS = "id, email, email_key, password_hash, created_at, disabled_at, groups"


class PostgresUsers:
    """Implements `Users`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    _BY_EMAIL = f"SELECT {COLUMNS} FROM users WHERE email_key = $1"  # noqa: S608 put together from constants

    async def by_email(self, email: Email) -> User | None:
        row = await self.pool.fetchrow(self._BY_EMAIL, email.key)
        return user_of(row) if row else None

    _BY_ID = f"SELECT {COLUMNS} FROM users WHERE id = $1"  # noqa: S608 put together from constants

    async def by_id(self, user_id: str) -> User | None:
        row = await self.pool.fetchrow(self._BY_ID, user_id)
        return user_of(row) if row else None

    _ADD = """
    INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (email_key) DO NOTHING RETURNING id
    """

    async def add(self, user: User) -> None:
        email = user.email
        added = await self.pool.fetchval(
            self._ADD, user.id, email.address, email.key, user.password_hash, user.created_at
        )
        if added is None:
            raise EmailTaken

    _SET_GROUPS = "UPDATE users SET groups = $2 WHERE id = $1 RETURNING id"

    async def set_groups(self, user_id: str, groups: frozenset[str]) -> bool:
        return await self.pool.fetchval(self._SET_GROUPS, user_id, sorted(groups)) is not None

    # Only in place of the hash that was checked: a password that was changed meanwhile stays changed.
    _REPLACE_HASH = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2"

    async def replace_hash(self, user: User, password_hash: str) -> None:
        await self.pool.execute(self._REPLACE_HASH, user.id, user.password_hash, password_hash)

    # The user's row is locked first: two changes at once wait for each other, and the second finds another hash.
    _CHANGE = """
    UPDATE users SET password_hash = $3, password_changed_at = $4 WHERE id = $1 AND password_hash = $2 RETURNING id
    """

    async def change_password(self, user: User, password_hash: str, now: datetime, *, keep: str) -> bool:
        async with self.pool.acquire() as connection, connection.transaction():
            changed = await connection.fetchval(self._CHANGE, user.id, user.password_hash, password_hash, now)
            if changed is not None:
                await connection.fetch(END_ALL, user.id, keep, End.PASSWORD_CHANGED, now)
        return changed is not None


def user_of(row: Any) -> User:
    """From a row with `COLUMNS`."""
    email = Email(row["email"], row["email_key"])
    groups = frozenset(row["groups"])
    return User(str(row["id"]), email, row["password_hash"], row["created_at"], row["disabled_at"], groups)
