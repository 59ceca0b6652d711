"""redis-py's client for Cluster, with the manners of the one for a single server."""

import asyncio
import random
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisClusterException, SlotNotCoveredError


class PatientCluster(RedisCluster):
    """`places`: how many commands are under way at most; one more waits for `patience` seconds, as in a pool."""

    def __init__(self, startup_nodes: list[ClusterNode], *, places: int, patience: float, **options: Any) -> None:
        # It must never be the nodes that say no: a connection that is being closed still counts there. And a slot that
        # has moved is noted by itself: to learn all of them anew redis-py would close what others are in the middle of.
        super().__init__(startup_nodes=startup_nodes, max_connections=2 * places, reinitialize_steps=0, **options)
        self.places, self.patience, self.to_node = asyncio.Semaphore(places), patience, options
        self.choose = random.SystemRandom().choice

    async def initialize(self, *args: Any, **options: Any) -> "PatientCluster":
        """Asks the nodes who has what. No node, or a slot that nobody has: Valkey is away, and redis-py says it so."""
        try:
            self_again = await super().initialize(*args, **options)
        except RedisClusterException as away:
            raise ConnectionLost(str(away)) from away
        return cast("PatientCluster", self_again)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """One command, on the node that has its keys."""
        try:
            await asyncio.wait_for(self.places.acquire(), self.patience)
        except asyncio.TimeoutError:
            msg = "every connection is taken"
            raise ConnectionLost(msg) from None
        try:
            # Who has what comes first. redis-py looks after it has chosen: the first commands of a burst would all go
            # to nodes that do not have their keys, and tear each other's connections down with what they learn there.
            _ = await self.initialize()
            return await super().execute_command(*args, **options)
        except SlotNotCoveredError as away:
            raise ConnectionLost(str(away)) from away
        except AttributeError as torn:
            # Where a node is lost redis-py closes its idle connections, also one that somebody has just taken: that one
            # then writes to nothing.
            if torn.obj is not None:
                raise
            msg = "the connection was closed before it was used"
            raise ConnectionLost(msg) from torn
        finally:
            self.places.release()

    async def _determine_slot(self, command: str, *args: Any) -> int:
        # For XREAD redis-py asks a node which words are keys: each time, and the same node for ever, also when that one
        # has died. The gateway would never hear of an ended session again.
        if command == "XREAD":
            return int(self.keyslot(args[args.index(b"STREAMS") + 1]))
        return int(await super()._determine_slot(command, *args))

    async def ping(self, **options: Any) -> bool:
        """Whether every master answers. A replica that does not is nobody's loss."""
        return bool(await self.execute_command("PING", target_nodes=RedisCluster.PRIMARIES, **options))

    def pubsub(self, **options: Any) -> PubSub:  # type: ignore[override]  # no node is chosen
        """On any node, for PUBLISH reaches all of them; on another one each time, for one may have died."""
        node = self.choose(self.get_nodes() or self.startup_nodes)
        return Redis(host=node.host, port=int(node.port), **self.to_node).pubsub(**options)
