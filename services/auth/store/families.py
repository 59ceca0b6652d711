"""Refresh families, in table `refresh_families`: the newest token's digest and nothing of the older ones."""

import asyncpg

from chassis.dated_ids import span_of
from services.auth.model.family import Family
from services.auth.model.session import Session
from services.auth.store.session_rows import COLUMNS, session_of


class PostgresFamilies:
    """Implements `Families`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    _BY_ID = f"""
    SELECT {COLUMNS}, refresh_families.id AS family_id, generation, digest, rotated_at, idle_until,
           sessions.ended_at IS NULL AND users.disabled_at IS NULL AS is_open
    FROM refresh_families
    JOIN sessions ON sessions.id = refresh_families.session_id AND sessions.began_at = refresh_families.began_at
    JOIN users ON users.id = sessions.user_id
    WHERE refresh_families.id = $1 AND refresh_families.began_at BETWEEN $2 AND $3
    """  # noqa: S608 put together from constants

    async def by_id(self, family_id: str) -> tuple[Family, Session] | None:
        row = await self.pool.fetchrow(self._BY_ID, family_id, *span_of(family_id))
        if row is None:
            return None
        family = Family(
            id=str(row["family_id"]),
            generation=row["generation"],
            digest=row["digest"],
            rotated_at=row["rotated_at"],
            idle_until=row["idle_until"],
            expires_at=row["expires_at"],
            is_open=row["is_open"],
        )
        return family, session_of(row)

    # The session's row is written first and thereby locked: a sign-out at the same moment is either seen here or waits.
    _REPLACE = """
    WITH used AS (
        UPDATE sessions SET last_used_at = $6 FROM refresh_families
        WHERE refresh_families.id = $1 AND refresh_families.began_at BETWEEN $8 AND $9
          AND refresh_families.generation = $2 AND refresh_families.digest = $3
          AND sessions.id = refresh_families.session_id AND sessions.began_at = refresh_families.began_at
          AND sessions.ended_at IS NULL
        RETURNING sessions.id
    )
    UPDATE refresh_families SET generation = $4, digest = $5, rotated_at = $6, idle_until = $7
    FROM used WHERE refresh_families.id = $1 AND refresh_families.began_at BETWEEN $8 AND $9
      AND refresh_families.generation = $2
    RETURNING refresh_families.id
    """

    async def replace(self, old: Family, new: Family) -> bool:
        replaced = await self.pool.fetchval(
            self._REPLACE,
            old.id,
            old.generation,
            old.digest,
            new.generation,
            new.digest,
            new.rotated_at,
            new.idle_until,
            *span_of(old.id),
        )
        return replaced is not None
