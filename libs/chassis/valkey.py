"""Valkey (or Redis): one client per process, short timeouts, no surprise retries, wherever the master is by now."""

from collections.abc import AsyncIterator, Callable
from typing import Any, cast

from aiohttp import web
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff

from chassis.readiness import add_readiness
from chassis.tracing import watch_valkey
from chassis.valkey_address import Kind, ValkeyAddress, parse_address
from chassis.valkey_cluster import PatientCluster
from chassis.valkey_line import Line

VALKEY: web.AppKey[Redis] = web.AppKey("VALKEY", Redis)
ANSWER_SECONDS = 2.0
# Sentinels are asked one after the other, within the time that a command has.
SENTINEL_SECONDS = 0.5
MOST = 64
# These wait in Valkey, and everybody behind them would, too.
WAITS = frozenset({"XREAD", "XREADGROUP", "BLPOP", "BRPOP", "BLMOVE", "BZPOPMIN", "BZPOPMAX", "WAIT"})


class SharedRedis(Redis):
    """A client whose commands all go over one connection; what waits, listens or spans several takes one of its own."""

    line: Line

    @classmethod
    def over(cls, pool: BlockingConnectionPool) -> "SharedRedis":
        """`pool` says where and how to connect."""
        client = cast("SharedRedis", cls.from_pool(pool))
        client.line = Line(pool.make_connection, ANSWER_SECONDS)
        return client

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """The reply as redis-py would give it. `keys` is for a cache in the client, which nobody has here."""
        options.pop("keys", None)
        name = args[0]
        if options or name in WAITS or " " in name:
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # redis-py's
        reply = await self.line.ask(args)
        read = self.response_callbacks.get(name)
        return reply if read is None else read(reply)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await self.line.close()
        await super().aclose(close_connection_pool)


class PatientSentinelPool(SentinelConnectionPool, BlockingConnectionPool):
    """To the master that Sentinel names. A burst waits its turn, as on a single server."""

    async def disconnect(self, inuse_connections: bool = True) -> None:
        """All connections; at the end, those to Sentinel as well."""
        await super().disconnect(inuse_connections)
        if inuse_connections:
            await self.sentinel_manager.aclose()


def connect(url: str) -> Redis:
    """A client that answers in two seconds or raises; a broken connection is tried once more.

    For a Cluster it is no `Redis` but answers like one, as far as a command's keys are on one slot.
    """
    address = parse_address(url)
    options: dict[str, Any] = {
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": ANSWER_SECONDS,
        "health_check_interval": 15,
        "retry": Retry(NoBackoff(), 1),
        **address.options,
    }
    if address.kind is Kind.SENTINEL:
        return _by_sentinel(address, options)
    if address.kind is Kind.CLUSTER:
        nodes = [ClusterNode(host, port) for host, port in address.hosts]
        return cast("Redis", PatientCluster(nodes, places=MOST, patience=ANSWER_SECONDS, **options))
    # The plain pool would refuse the 65th request at once.
    pool = BlockingConnectionPool.from_url(url, timeout=ANSWER_SECONDS, max_connections=MOST, **options)
    return SharedRedis.over(pool)


def _by_sentinel(address: ValkeyAddress, options: dict[str, Any]) -> Redis:
    to_sentinel = {
        "socket_timeout": SENTINEL_SECONDS,
        "socket_connect_timeout": SENTINEL_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        **address.to_sentinel,
    }
    sentinel: Any = Sentinel(list(address.hosts), sentinel_kwargs=to_sentinel)  # type: ignore[no-untyped-call]  # redis-py's
    waiting = {"timeout": ANSWER_SECONDS, "max_connections": MOST}
    pool = PatientSentinelPool(address.name, sentinel, **waiting, **options)  # type: ignore[no-untyped-call]  # redis-py's
    return SharedRedis.over(pool)


def valkey_ctx(url: str) -> Callable[[web.Application], AsyncIterator[None]]:
    """For `cleanup_ctx`: the client under `VALKEY` and a readiness check. It connects when first used."""

    async def ctx(app: web.Application) -> AsyncIterator[None]:
        client = connect(url)
        watch_valkey(app, client)
        app[VALKEY] = client
        add_readiness(app, "valkey", client.ping)
        yield
        await client.aclose()

    return ctx
