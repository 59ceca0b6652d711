"""What people enrolled, in PostgreSQL, table `factors`."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from chassis.sealed_columns import SealedColumn
from chassis.sealing import Sealer
from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import LastFactor
from services.twofactor.model.factor import Enrolment

EMAIL = SealedColumn("factors", "email_sealed")
_COLUMNS = "id, user_id, provider, account, name, last_channel, last_used_at"
_OF_USER = f"SELECT {_COLUMNS} FROM factors WHERE user_id = $1 ORDER BY created_at, id"  # noqa: S608 a constant
_BY_ID = f"SELECT {_COLUMNS} FROM factors WHERE user_id = $1 AND id = $2"  # noqa: S608 a constant
# One enrolment at a time for one person: two tabs that enrol at once must not both be the first.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_OTHERS = "SELECT EXISTS (SELECT FROM factors WHERE user_id = $1 AND NOT (provider = $2 AND account = $3))"
_ADD = """
INSERT INTO factors (id, user_id, provider, account, name, email_sealed) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (user_id, provider, account) DO NOTHING
"""
_EMAIL = "SELECT id, email_sealed FROM factors WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1"
_IS_ONLY = "SELECT array_agg(id) = ARRAY[$2::uuid] FROM factors WHERE user_id = $1"
_REMOVE = "DELETE FROM factors WHERE user_id = $1 AND id = $2"
_REMOVE_ALL = f"""
DELETE FROM factors gone WHERE user_id = $1 RETURNING {_COLUMNS}, EXISTS (
    SELECT FROM factors o WHERE o.provider = gone.provider AND o.account = gone.account AND o.user_id <> gone.user_id
) AS shared
"""  # noqa: S608 a constant
_SHARED = "SELECT EXISTS (SELECT FROM factors WHERE provider = $1 AND account = $2)"


class PostgresEnrolments:
    """Implements `ports.Enrolments`. The e-mail is sealed in its place: `factors.email_sealed.<id>`."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer) -> None:
        self.pool, self.sealer = pool, sealer

    async def of_user(self, user: str) -> Sequence[Enrolment]:
        """All of a person, oldest first."""
        return [_enrolment(row) for row in await self.pool.fetch(_OF_USER, user)]

    async def by_id(self, user: str, enrolment_id: str) -> Enrolment | None:
        """One of this person's."""
        row = await self.pool.fetchrow(_BY_ID, user, enrolment_id)
        return _enrolment(row) if row else None

    async def add(self, enrolment: Enrolment, *, email: str, only_first: bool) -> bool:
        """Stores it, once per phone; False, and nothing stored, if `only_first` and the person has another."""
        async with self.pool.acquire() as connection, connection.transaction():
            return await self.add_within(connection, enrolment, email=email, only_first=only_first)

    async def add_within(self, connection: Any, enrolment: Enrolment, *, email: str, only_first: bool) -> bool:
        """The same, inside a transaction that stores more."""
        owner = (enrolment.user, enrolment.provider, enrolment.account)
        sealed = self.sealer.seal(email.encode(), EMAIL.place(enrolment.id))
        await self.lock(connection, enrolment.user)
        if only_first and await connection.fetchval(_OTHERS, *owner):
            return False
        await connection.execute(_ADD, enrolment.id, *owner, enrolment.name, sealed)
        return True

    async def lock(self, connection: Any, user: str) -> None:
        """One enrolment at a time for one person, until the transaction ends."""
        await connection.execute(_LOCK, user)

    async def remove_all(self, user: str) -> Sequence[tuple[Enrolment, bool]]:
        """Forgets all of a person's; with each, whether nobody else has an enrolment with the same account."""
        async with self.pool.acquire() as connection, connection.transaction():
            await self.lock(connection, user)
            rows = await connection.fetch(_REMOVE_ALL, user)
            return [(_enrolment(row), not row["shared"]) for row in rows]

    async def email_of(self, user: str) -> str | None:
        """What the vendor was told last."""
        row = await self.pool.fetchrow(_EMAIL, user)
        return self.sealer.open(row["email_sealed"], EMAIL.place(row["id"])).decode() if row else None

    async def remove(self, enrolment: Enrolment) -> bool:
        """Forgets it; answers whether nobody else has an enrolment with the same account. Raises `LastFactor`."""
        async with self.pool.acquire() as connection, connection.transaction():
            await self.lock(connection, enrolment.user)
            if await connection.fetchval(_IS_ONLY, enrolment.user, enrolment.id):
                raise LastFactor
            await connection.execute(_REMOVE, enrolment.user, enrolment.id)
            shared = await connection.fetchval(_SHARED, enrolment.provider, enrolment.account)
        return not shared


def _enrolment(row: Any) -> Enrolment:
    return Enrolment(
        id=str(row["id"]),
        user=str(row["user_id"]),
        provider=row["provider"],
        account=row["account"],
        name=row["name"],
        last_channel=Channel(row["last_channel"]) if row["last_channel"] else None,
        last_used_at=row["last_used_at"],
    )
