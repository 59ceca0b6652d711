"""Tables by time: those of the days ahead are made before the process serves, those of long ago are dropped beside it.

Every process of a service does this; the database lets one through at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Protocol

import asyncpg
import structlog
from aiohttp import web

from chassis.beside import beside, repeated_later
from chassis.postgres import PATIENCE_SECONDS

log = structlog.get_logger()
PAUSE_SECONDS = 0.5


class Housekeeping(Protocol):
    """What a service does to its own tables."""

    async def make_room(self) -> None:
        """Tables for what comes in the days ahead."""

    async def __call__(self) -> int:
        """The same, and drops what is old; answers how much of it."""


def housekeeping_ctx(
    make: Callable[[web.Application], Housekeeping], seconds: float
) -> Callable[[web.Application], AsyncIterator[None]]:
    """For `cleanup_ctx`, after `postgres_ctx`: once before serving, then every `seconds`."""

    async def ctx(app: web.Application) -> AsyncIterator[None]:
        work = make(app)
        await _first(work)
        async with beside(repeated_later(lambda: _told(work), seconds, "not_cleaned_up")):
            yield

    return ctx


async def _first(work: Housekeeping) -> None:
    """Waits for the migration job, which may still be running, and for others that are at it."""
    waited = 0.0
    while True:
        try:
            return await work.make_room()
        except (asyncpg.UndefinedFunctionError, asyncpg.LockNotAvailableError) as missing:
            if waited >= PATIENCE_SECONDS:
                raise
            log.warning("no_room_yet", kind=type(missing).__name__)
            await asyncio.sleep(PAUSE_SECONDS)
            waited += PAUSE_SECONDS


async def _told(work: Housekeeping) -> None:
    log.info("cleaned_up", dropped=await work())
