"""Valkey (or Redis): one client per process, short timeouts, no surprise retries."""

from collections.abc import AsyncIterator, Callable

from aiohttp import web
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from chassis.readiness import add_readiness

VALKEY: web.AppKey[Redis] = web.AppKey("VALKEY", Redis)
ANSWER_SECONDS = 2.0


def connect(url: str) -> Redis:
    """A client that answers in two seconds or raises; a broken connection is tried once more."""
    # A burst waits its turn for a connection: the plain pool would refuse the 65th request at once.
    pool = BlockingConnectionPool.from_url(
        url,
        timeout=ANSWER_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        health_check_interval=15,
        retry=Retry(NoBackoff(), 1),
        max_connections=64,
    )
    return Redis.from_pool(pool)


def valkey_ctx(url: str) -> Callable[[web.Application], AsyncIterator[None]]:
    """For `cleanup_ctx`: the client under `VALKEY` and a readiness check. It connects when first used."""

    async def ctx(app: web.Application) -> AsyncIterator[None]:
        client = connect(url)
        app[VALKEY] = client
        add_readiness(app, "valkey", client.ping)
        yield
        await client.aclose()

    return ctx
