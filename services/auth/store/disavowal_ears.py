"""Follows twofactor's stream of disavowals (see docs/architecture.md), from its beginning after every start.

What was heard before is known by its id; so no place has to be kept, and nothing is missed while this process is away.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.asyncio import Redis

log = structlog.get_logger()
STREAM = "twofactor:disavowals"
BEGINNING = "0-0"
AT_ONCE = 100
LISTEN_MS = 1000
PATIENCE_SECONDS = 3.0
PAUSE_SECONDS = 1.0


class DisavowalEars:
    """Hands each statement to `heed`, one after the other; what could not be heeded is read again."""

    def __init__(self, client: Redis, heed: Callable[[str], Awaitable[None]]) -> None:
        self.client, self.heed = client, heed
        self.place = BEGINNING

    async def listen(self) -> None:
        """Goes on until it is cancelled."""
        is_deaf = False
        while True:
            try:
                await self._hear()
                is_deaf = False
            except Exception as fault:  # noqa: BLE001 nothing is lost, all of it is read again
                if not is_deaf:
                    log.warning("disavowals_not_heard", kind=type(fault).__name__)
                is_deaf = True
                # Another server may stand there now, whose places are not ours.
                self.place = BEGINNING
                await asyncio.sleep(PAUSE_SECONDS)

    async def _hear(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            found: Any = await self.client.xread({STREAM: self.place}, count=AT_ONCE, block=LISTEN_MS)
        rows = found.get(STREAM.encode(), []) if isinstance(found, dict) else [row for _, rows in found for row in rows]
        for place, fields in rows:
            await self.heed(fields.get(b"statement", b"").decode("ascii", "replace"))
            self.place = place.decode()
