"""Tables by time: those of the days ahead are made before the process serves, those of long ago are dropped beside it.

Every process of a service does this; the database lets one through at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Protocol

import asyncpg
import structlog
from aiohttp import web

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
        task = asyncio.create_task(_repeat(work, seconds))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

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


async def _repeat(work: Housekeeping, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            dropped = await work()
            log.info("cleaned_up", dropped=dropped)
        except Exception as fault:  # noqa: BLE001 tried again at the next beat
            log.warning("not_cleaned_up", kind=type(fault).__name__)
