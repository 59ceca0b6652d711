"""This service's flows, opened for one command: the same ones, on the same stores, as behind HTTP."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from chassis.audit.beat import recorder_ctx
from chassis.audit.operator import at_the_command_line
from chassis.clock import system_clock
from chassis.commands import configure_logs
from chassis.key_store import KeyStore
from chassis.keyring import KeyRing
from chassis.outbound import client_ctx
from chassis.postgres import POOL, postgres_ctx
from chassis.process import create_app
from chassis.settings import load
from chassis.valkey import valkey_ctx
from services.auth.api.discovery import KEY_RING, SCOPES
from services.auth.app import new_id, sealer_of
from services.auth.crypto.hash_pool import HashPool
from services.auth.settings import Settings
from services.auth.supplies import World
from services.auth.wiring import Parts


def our_settings() -> Settings:
    """The settings, or every fault in them and exit status 2; logs go where they say."""
    settings = load(Settings)
    configure_logs(settings.log_level, settings.log_format, "auth")
    return settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Parts]:
    """The flows. Nothing waits for a store that is away, nothing goes on beside the command."""
    app = create_app([])
    app[KEY_RING] = KeyRing(system_clock, algorithm=settings.token_algorithm)
    app[SCOPES] = frozenset(settings.scopes.split())
    database = postgres_ctx(settings.database_url.get_secret_value(), size=2, patience=0)
    app.cleanup_ctx.extend(
        [client_ctx(), database, valkey_ctx(settings.redis_url.get_secret_value()), recorder_ctx(system_clock)]
    )
    pool = HashPool(1, 1)
    runner = web.AppRunner(app)
    try:
        await runner.setup()
        with at_the_command_line():
            yield Parts(World(app, settings, pool, system_clock, new_id, os.urandom, secrets.token_urlsafe))
    finally:
        await runner.cleanup()
        pool.close()


async def read_keys(parts: Parts) -> None:
    """The signing keys into the ring, for a command that signs."""
    app = parts.world.app
    await KeyStore(app[POOL], sealer_of(parts.settings), app[KEY_RING], new_id).refresh()
