"""The chain as a running service keeps it going: sealed, its end signed, old months dropped."""

from datetime import timedelta

import structlog

from chassis.audit.verify import HEAD
from chassis.keyring import KeyRing
from chassis.responses import rfc3339
from chassis.transactions import JoiningPool

log = structlog.get_logger()
AT_ONCE = 500


class Chain:
    """What the runtime role may ask of the functions of `0006_audit.sql`; none of it can change or remove a row."""

    def __init__(self, pool: JoiningPool, ring: KeyRing, issuer: str) -> None:
        self.pool, self.ring, self.issuer = pool, ring, issuer

    async def seal(self) -> int:
        """Moves what came in into the chain, unless another process is at it; answers how many rows."""
        total = 0
        while sealed := await self.pool.fetchval("SELECT audit_seal($1)", AT_ONCE):
            total += sealed
        return total

    _END = """
    SELECT number, hash FROM audit_chain
    WHERE number > 0 AND number > (SELECT coalesce(max(number), 0) FROM audit_heads)
      AND NOT EXISTS (SELECT FROM audit_heads WHERE at > $1)
    """

    async def sign_head(self, pause: timedelta) -> None:
        """Signs the present end of the chain, if the last was signed longer ago than `pause` and there is news."""
        row = await self.pool.fetchrow(self._END, self.ring.clock() - pause)
        if row:
            await self._sign(row["number"], bytes(row["hash"]))

    async def extend(self) -> None:
        """Makes the partitions of this month and the next two."""
        await self.pool.execute("SELECT audit_extend()")

    _LAST_GONE = """
    SELECT number, hash FROM audit_events
    WHERE sealed_at < date_trunc('month', (now() - $1::interval) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
    ORDER BY number DESC LIMIT 1
    """

    async def expire(self, keep: timedelta) -> int:
        """Drops whole months older than `keep`; answers how many. What stays is anchored by a signed head."""
        row = await self.pool.fetchrow(self._LAST_GONE, keep)
        if row:
            await self._sign(row["number"], bytes(row["hash"]))
        months: int = await self.pool.fetchval("SELECT audit_expire($1)", keep)
        if months:
            log.info("audit_expired", months=months)
        return months

    _ADD = """
    INSERT INTO audit_heads (number, hash, at, jws) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING number
    """

    async def _sign(self, number: int, digest: bytes) -> None:
        now = self.ring.clock()
        claims = {"iss": self.issuer, "iat": int(now.timestamp()), "number": number, "hash": digest.hex()}
        if await self.pool.fetchval(self._ADD, number, digest, now, self.ring.sign(HEAD, claims)):
            # Whoever collects logs elsewhere has a witness that nobody in this database can change.
            log.info("audit_head", number=number, hash=digest.hex(), at=rfc3339(now))
