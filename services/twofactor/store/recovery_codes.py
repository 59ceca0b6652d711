"""Digests of recovery codes in PostgreSQL, table `recovery_codes`: a row is a code that can be used yet."""

from collections.abc import Sequence

from services.twofactor.model.factor import Enrolment
from services.twofactor.store.enrolments import PostgresEnrolments

_FORGET = "DELETE FROM factors WHERE user_id = $1 AND provider = $2"
_ADD = "INSERT INTO recovery_codes (factor_id, digest) SELECT $1, unnest($2::bytea[])"
_LEFT = "SELECT count(*) FROM recovery_codes WHERE factor_id = $1"
# Both parts see the table as it was before: what is left is what was there, less the one that is used up here.
_SPEND = """
WITH spent AS (DELETE FROM recovery_codes WHERE factor_id = $1 AND digest = $2 RETURNING 1)
SELECT (SELECT count(*) FROM spent) AS spent, (SELECT count(*) FROM recovery_codes WHERE factor_id = $1) AS had
"""


class PostgresRecoveryCodes:
    """Implements `ports_of_kinds.RecoveryCodes`."""

    def __init__(self, enrolments: PostgresEnrolments) -> None:
        self._enrolments, self._pool = enrolments, enrolments.pool

    async def replace(self, enrolment: Enrolment, digests: Sequence[bytes], *, email: str) -> None:
        """Stores the set, and forgets the one before, in one step."""
        async with self._pool.acquire() as connection, connection.transaction():
            # Two tabs that make codes at once take turns: one set is left, and it is a whole one.
            await self._enrolments.lock(connection, enrolment.user)
            await connection.execute(_FORGET, enrolment.user, enrolment.provider)
            await self._enrolments.add_within(connection, enrolment, email=email, only_first=False)
            await connection.execute(_ADD, enrolment.id, list(digests))

    async def left(self, enrolment_id: str) -> int:
        """How many can be used yet."""
        return int(await self._pool.fetchval(_LEFT, enrolment_id))

    async def spend(self, enrolment_id: str, digest: bytes) -> int | None:
        """Uses a code up, answers how many are left; None if there is no such code (any more)."""
        row = await self._pool.fetchrow(_SPEND, enrolment_id, digest)
        return int(row["had"]) - 1 if row["spent"] else None
