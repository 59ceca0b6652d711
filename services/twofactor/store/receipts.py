"""Receipts in PostgreSQL, table `issued_receipts`: rows are added and never changed; the database role may do no more.

It is many tables, by the time that the id carries. Functions of the owner's make them ahead and drop them whole.
"""

from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from chassis.audit.recorder import riding, riding_all
from chassis.dated_ids import moment_of
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.errors import AccessDenied
from services.twofactor.model.events import AuditEvent, What, of_challenge
from services.twofactor.model.receipt import ReceiptFacts
from services.twofactor.store.event_log import Rides

_RECORD = f"""
WITH used AS (
    UPDATE factors SET last_channel = $9, last_used_at = $6 WHERE id = $8 AND user_id = $2 RETURNING id
), added AS (
    INSERT INTO issued_receipts (id, user_id, login, partial_id, amr, issued_at, expires_at, factor_id, channel,
                                 address, browser, jws, began_at)
    SELECT $1::uuid, $2, $3::text, $4::text, $5::text[], $6, $7::timestamptz, $8, $9, $10::text, $11::text, $12::text,
           $13::timestamptz
    FROM used
    ON CONFLICT DO NOTHING RETURNING id
), recorded AS ({riding("$14", "added")}), beside AS ({riding_all("$15", "used")})
SELECT EXISTS (SELECT FROM added) FROM used
"""  # noqa: S608 put together from constants


class PostgresReceipts:
    """Implements `ports.Receipts`."""

    def __init__(self, pool: asyncpg.Pool, events: Rides) -> None:
        self._pool, self.events = pool, events

    async def record(self, facts: ReceiptFacts, challenge: Challenge, beside: Sequence[AuditEvent] = ()) -> bool:
        """Adds the receipt and its event, once, and remembers the channel that worked; False if it was there.

        Raises `AccessDenied`, and writes nothing of `beside` either, if the person has this factor no more.
        """
        before = self.events.riding_all(beside)
        told = self.events.riding(of_challenge(What.RECEIPT_ISSUED, challenge))
        added = await self._pool.fetchval(
            _RECORD,
            facts.id,
            facts.user,
            facts.login,
            facts.partial_id,
            list(facts.amr),
            facts.issued_at,
            facts.expires_at,
            challenge.enrolment,
            challenge.channel.value,
            challenge.context.address,
            challenge.context.browser,
            challenge.receipt,
            moment_of(facts.id) or facts.issued_at,
            told.row,
            before.row,
        )
        if added is None:
            raise AccessDenied
        before.stands()
        if added:
            told.stands()
        return bool(added)


class ReceiptTables:
    """Tables ahead, and those that are over."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def make_room(self) -> None:
        """Tables for the receipts of the months ahead."""
        await self._pool.execute("SELECT receipts_extend()")

    async def drop_old(self, keep: timedelta) -> int:
        """Drops whole months that were over `keep` ago; answers how many, zero if another process is at it."""
        return int(await self._pool.fetchval("SELECT receipts_expire($1)", keep))
