"""One look at what a system holds: memory, descriptors, threads, tasks, connections and keys."""

from dataclasses import dataclass

import asyncpg
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import Redis

from bench.people import OURS, our_processes
from bench.processes import resident
from tools.devstack.stack import Stack

TASKS = "countersign_event_loop_tasks"


@dataclass(frozen=True)
class Look:
    """`memory` in MiB by process; everything else is a number over all processes of the product, or in Valkey."""

    memory: dict[str, float]
    tasks: int
    descriptors: int
    threads: int
    database_connections: int
    valkey_clients: int
    keys: int
    keys_without_end: int

    def words(self) -> str:
        """In a line."""
        memory = ", ".join(f"{name} {held:.0f}" for name, held in self.memory.items())
        return (
            f"MiB: {memory}; tasks {self.tasks}, descriptors {self.descriptors}, threads {self.threads},"
            f" connections to PostgreSQL {self.database_connections}, to Valkey {self.valkey_clients},"
            f" keys {self.keys} ({self.keys_without_end} without end)"
        )


async def look(stack: Stack) -> Look:
    """Now."""
    processes = our_processes(stack)
    keys, endless, clients = await _valkey(stack)
    return Look(
        memory={name: resident(process) / 2**20 for name, process in zip(OURS, processes, strict=True)},
        tasks=await _tasks(stack),
        descriptors=sum(process.num_fds() for process in processes),
        threads=sum(process.num_threads() for process in processes),
        database_connections=await _connections(stack),
        valkey_clients=clients,
        keys=keys,
        keys_without_end=endless,
    )


async def _tasks(stack: Stack) -> int:
    """Of all processes, as they show them at `/metrics`."""
    found = 0
    async with ClientSession() as http:
        for name in OURS:
            async with http.get(f"http://127.0.0.1:{stack.ports.metrics[name]}/metrics") as answer:
                families = text_string_to_metric_families(await answer.text())
                found += sum(int(each.value) for family in families for each in family.samples if each.name == TASKS)
    return found


async def _connections(stack: Stack) -> int:
    database = await asyncpg.connect(host=stack.postgres.socket_dir, user="postgres", database="countersign")
    try:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE usename IN ('auth', 'twofactor')"
        return int(await database.fetchval(asked))
    finally:
        await database.close()


async def _valkey(stack: Stack) -> tuple[int, int, int]:
    """Keys, those of them that no time ends, and clients without this one."""
    async with Redis.from_url(stack.environments["auth"]["COUNTERSIGN_REDIS_URL"]) as valkey:
        space = (await valkey.info("keyspace")).get("db0", {"keys": 0, "expires": 0})
        clients = await valkey.info("clients")
    return space["keys"], space["keys"] - space["expires"], clients["connected_clients"] - 1
