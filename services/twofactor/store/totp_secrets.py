"""Secrets of authenticator apps in PostgreSQL, table `totp_secrets`, beside their row in `factors`."""

import asyncpg
import structlog

from chassis.sealed_columns import SealedColumn
from chassis.sealing import Sealer, Unsealable
from services.twofactor.model.factor import Enrolment
from services.twofactor.model.totp import PendingSecret, TotpSecret
from services.twofactor.store.enrolments import PostgresEnrolments

log = structlog.get_logger()

SECRET = SealedColumn("totp_secrets", "secret_sealed", "factor_id")
_ADD = """
INSERT INTO totp_secrets (factor_id, secret_sealed, last_step) VALUES ($1, $2, $3) ON CONFLICT (factor_id) DO NOTHING
"""
_OF = "SELECT secret_sealed, last_step FROM totp_secrets WHERE factor_id = $1"
# Compared and written in one step: of two processes that hold the same code, one is too late.
_SPEND = "UPDATE totp_secrets SET last_step = $2 WHERE factor_id = $1 AND last_step < $2 RETURNING last_step"


class PostgresTotpSecrets:
    """Implements `ports_of_kinds.TotpSecrets`. A secret is sealed in its place: `totp_secrets.secret_sealed.<id>`."""

    def __init__(self, enrolments: PostgresEnrolments) -> None:
        self._enrolments = enrolments
        self._pool: asyncpg.Pool = enrolments.pool
        self._sealer: Sealer = enrolments.sealer

    async def add(self, enrolment: Enrolment, pending: PendingSecret, *, email: str, only_first: bool) -> bool:
        """Stores enrolment and secret in one step; False, and nothing stored, as `Enrolments.add`. Safe to repeat."""
        sealed = self._sealer.seal(pending.secret, SECRET.place(enrolment.id))
        async with self._pool.acquire() as connection, connection.transaction():
            if not await self._enrolments.add_within(connection, enrolment, email=email, only_first=only_first):
                return False
            await connection.execute(_ADD, enrolment.id, sealed, pending.last_step)
        return True

    async def of(self, enrolment_id: str) -> TotpSecret | None:
        """The secret of this enrolment; None for one that does not open, as if it were not there."""
        row = await self._pool.fetchrow(_OF, enrolment_id)
        if row is None:
            return None
        try:
            return TotpSecret(self._sealer.open(row["secret_sealed"], SECRET.place(enrolment_id)), row["last_step"])
        except Unsealable:
            # Moved here from another row, or sealed with a key that is gone: for an operator to look at.
            log.warning("secret_unsealable", factor=enrolment_id)
            return None

    async def spend(self, enrolment_id: str, step: int) -> bool:
        """Marks a time step as used; False if it, or a later one, was used before (RFC 6238 section 5.2)."""
        return await self._pool.fetchval(_SPEND, enrolment_id, step) is not None
