"""The clean-up's own beat."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta

import structlog
from aiohttp import web

from chassis.clock import Clock
from chassis.postgres import POOL
from services.auth.flows.clean_up import CleanUp
from services.auth.settings import Settings
from services.auth.store.attic import PostgresAttic

log = structlog.get_logger()


def cleaning_ctx(settings: Settings, clock: Clock) -> Callable[[web.Application], AsyncIterator[None]]:
    """For `cleanup_ctx`, after `postgres_ctx`: old rows are removed now and then, by one process of all."""

    async def ctx(app: web.Application) -> AsyncIterator[None]:
        clean_up = CleanUp(PostgresAttic(app[POOL]), timedelta(seconds=settings.cleanup_keep), clock)
        task = asyncio.create_task(_repeat(clean_up, settings.cleanup_interval))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    return ctx


async def _repeat(clean_up: CleanUp, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            removed = await clean_up()
            log.info("cleaned_up", rows=removed)
        except Exception as fault:  # noqa: BLE001 tried again at the next beat
            log.warning("not_cleaned_up", kind=type(fault).__name__)
