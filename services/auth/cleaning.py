"""What the clean-up is made of."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from aiohttp import web

from chassis.clock import Clock
from chassis.housekeeping import housekeeping_ctx
from chassis.postgres import POOL
from services.auth.flows.clean_up import CleanUp
from services.auth.settings import Settings
from services.auth.store.attic import PostgresAttic


def cleaning_ctx(settings: Settings, clock: Clock) -> Callable[[web.Application], AsyncIterator[None]]:
    """For `cleanup_ctx`, after `keys_ctx`."""
    life, keep = timedelta(seconds=settings.refresh_ttl), timedelta(seconds=settings.cleanup_keep)
    return housekeeping_ctx(lambda app: CleanUp(PostgresAttic(app[POOL]), life, keep, clock), settings.cleanup_interval)
