"""PostgreSQL: a pool that waits for its server at start and never waits for ever afterwards."""

import asyncio
from collections.abc import AsyncIterator, Callable

import asyncpg
import structlog
from aiohttp import web

from chassis.metered import CONNECTIONS, CONNECTIONS_MOST
from chassis.meters import METERS, Meters
from chassis.postgres_hosts import CONNECT_SECONDS, AnyHost
from chassis.readiness import add_readiness
from chassis.transactions import JoiningPool

log = structlog.get_logger()
POOL: web.AppKey[JoiningPool] = web.AppKey("POOL", JoiningPool)
STATEMENT_SECONDS = 5.0
PATIENCE_SECONDS = 90.0


async def connect(url: str, *, size: int = 8, patience: float = PATIENCE_SECONDS) -> JoiningPool:
    """A pool on `url`, after as many tries as the server needs to come up (`patience` seconds at most)."""
    pause, waited = 0.1, 0.0
    while True:
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=size,
                command_timeout=STATEMENT_SECONDS,
                timeout=CONNECT_SECONDS,
                connect=AnyHost(url),
                reset=_leave_as_is,
            )
            return JoiningPool(pool)
        except (OSError, asyncpg.PostgresError, asyncpg.InternalClientError, asyncio.TimeoutError) as refused:
            if waited >= patience or isinstance(refused, asyncpg.InvalidPasswordError):
                raise
            log.warning("postgres_not_ready", kind=type(refused).__name__, retry_in=pause)
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, 2.0)


async def _leave_as_is(_connection: object) -> None:
    """No query of ours changes a connection's state, so nothing is reset between two uses."""


def _show(meters: Meters, pool: asyncpg.Pool) -> None:
    meters.watch(
        CONNECTIONS,
        lambda: {("idle",): pool.get_idle_size(), ("used",): pool.get_size() - pool.get_idle_size()},
    )
    meters.watch_one(CONNECTIONS_MOST, pool.get_max_size)


def postgres_ctx(
    url: str, *, size: int = 8, patience: float = PATIENCE_SECONDS
) -> Callable[[web.Application], AsyncIterator[None]]:
    """For `cleanup_ctx`: the pool under `POOL` and a readiness check."""

    async def ctx(app: web.Application) -> AsyncIterator[None]:
        pool = await connect(url, size=size, patience=patience)
        app[POOL] = pool
        _show(app[METERS], pool)
        add_readiness(app, "postgres", lambda: pool.fetchval("SELECT 1", timeout=2))
        yield
        await pool.close()

    return ctx
