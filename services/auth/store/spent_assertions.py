"""Client assertions that were used: one key each in Valkey, until the assertion itself has expired."""

import hashlib
from datetime import datetime, timedelta

from redis.asyncio import Redis

from services.auth.model.credentials import Assertion

MARGIN, MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)


class ValkeySpentAssertions:
    """Implements `SpentAssertions`."""

    def __init__(self, client: Redis) -> None:
        self.client = client

    async def spend(self, client_id: str, assertion: Assertion, now: datetime) -> bool:
        # One client's ids are none of another's.
        name = hashlib.sha256(f"{client_id}\0{assertion.id}".encode()).hexdigest()
        kept = (assertion.expires_at - now + MARGIN) // MILLISECOND
        return bool(await self.client.set(f"auth:assertions:{name}", b"", nx=True, px=kept))
