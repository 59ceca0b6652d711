"""Sessions, in tables `sessions` and `refresh_families`: opened together, in one statement.

Both are many tables, by the time that ids carry: whoever names the id names the time as well, and one of them is asked.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg

from chassis.audit.recorder import riding
from chassis.dated_ids import moment_of, span_of
from services.auth.model.events import Event, What
from services.auth.model.family import Family
from services.auth.model.session import End, Proofs, Session
from services.auth.store.event_log import Rides
from services.auth.store.session_rows import COLUMNS, END_ALL, session_of

_OPEN = "sessions.ended_at IS NULL AND sessions.expires_at > $2 AND users.disabled_at IS NULL"


class PostgresSessions:
    """Implements `Sessions`."""

    def __init__(self, pool: asyncpg.Pool, events: Rides) -> None:
        self.pool, self.events = pool, events

    # Of two that spend the same proof at once the second waits for the first, and then conflicts with it.
    _INSERT = f"""
    WITH opened AS (
        INSERT INTO sessions (id, user_id, client_id, scope, amr, authenticated_at, opened_at, last_used_at, expires_at,
                              address, browser, partial_id, receipt_id, began_at)
        SELECT $1, users.id, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11, $12, $18
        FROM users WHERE users.id = $2 AND users.disabled_at IS NULL AND users.password_disavowed_at IS NULL
          -- A partial token says its time in whole seconds.
          AND (users.password_changed_at IS NULL OR users.password_changed_at < $17::timestamptz + interval '1 second')
          -- An operator's word counts from its own second on: who signs in within it signs in again.
          AND (users.proofs_void_before IS NULL OR users.proofs_void_before < $17)
        -- Whoever marks this person at the same moment waits, and then sees this session and ends it.
        FOR SHARE OF users
        ON CONFLICT DO NOTHING RETURNING id, user_id
    ), begun AS (
        INSERT INTO refresh_families (id, session_id, generation, digest, rotated_at, idle_until, began_at)
        SELECT $13, opened.id, $14, $15, $7, $16, $18 FROM opened
    ), recorded AS ({riding("$19", "opened")})
    SELECT users.groups FROM users JOIN opened ON opened.user_id = users.id
    """  # noqa: S608 put together from constants

    # What is unique is a proof with the time that its id carries: no other time ever comes with the same proof.
    async def open(self, session: Session, proofs: Proofs, family: Family) -> Session | None:
        told = self.events.riding(Event(What.SESSION_OPENED, user=session.user_id, session=session.id))
        groups = await self.pool.fetchval(
            self._INSERT,
            session.id, session.user_id, session.client_id, sorted(session.scope), list(session.amr),
            session.authenticated_at, session.opened_at, session.expires_at,
            session.caller.address, session.caller.browser, proofs.partial_id, proofs.receipt_id,
            family.id, family.generation, family.digest, family.idle_until, proofs.password_at,
            moment_of(proofs.partial_id) or proofs.password_at, told.row,
        )  # fmt: skip
        if groups is None:
            return None
        told.stands()
        return replace(session, groups=frozenset(groups))

    _BY_ID = f"""
    SELECT {COLUMNS} FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.id = $1
      AND sessions.began_at BETWEEN $3 AND $4 AND {_OPEN}
    """  # noqa: S608 put together from constants

    async def by_id(self, session_id: str, now: datetime) -> Session | None:
        row = await self.pool.fetchrow(self._BY_ID, session_id, now, *span_of(session_id))
        return session_of(row) if row else None

    _OF_USER = f"""
    SELECT {COLUMNS} FROM sessions JOIN users ON users.id = sessions.user_id
    WHERE sessions.user_id = $1 AND {_OPEN} ORDER BY sessions.opened_at DESC LIMIT 200
    """  # noqa: S608 put together from constants

    async def of_user(self, user_id: str, now: datetime) -> Sequence[Session]:
        return [session_of(row) for row in await self.pool.fetch(self._OF_USER, user_id, now)]

    _END = """
    UPDATE sessions SET ended_at = $4, end_reason = $3
    WHERE id = $2 AND began_at BETWEEN $5 AND $6 AND user_id = $1 AND ended_at IS NULL AND expires_at > $4 RETURNING id
    """

    async def end(self, user_id: str, session_id: str, reason: End, now: datetime) -> bool:
        ended = await self.pool.fetchval(self._END, user_id, session_id, reason, now, *span_of(session_id))
        return ended is not None

    async def end_all(self, user_id: str, reason: End, now: datetime, *, keep: str | None = None) -> int:
        return len(await self.pool.fetch(END_ALL, user_id, keep, reason, now))
