"""The faults, by name: each an async context that breaks something on entry and mends, on exit, what nobody else would."""

import asyncio
import os
import random
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from typing import Any

import asyncpg
import psutil
from aiohttp import ClientSession, TCPConnector
from redis.asyncio import Redis

from tests.chaos.asking import Asking, new_address
from tests.chaos.people import Person, Says, Step
from tests.chaos.system import MODULES, System

Fault = Callable[[System], AbstractAsyncContextManager[None]]
KILLS, PAUSE_SECONDS = 3, 4.0


def killed(name: str) -> Fault:
    """kill -9 at each step of a login, while the step's own request is under way, and among those of many others."""

    @asynccontextmanager
    async def fault(system: System) -> AsyncIterator[None]:
        async with ClientSession(connector=TCPConnector(force_close=True)) as http:
            for step in Step:
                await walk(system, http, step, partial(system.kill, name))
        yield

    return fault


async def walk(system: System, http: ClientSession, struck: Step, strike: Callable[[], None]) -> None:
    """One person signs up, in and out; `strike` falls in the middle of one step. They get in all the same."""
    loop, strikes = asyncio.get_running_loop(), [strike]

    def on_step(step: Step) -> None:
        if step is struck and strikes:
            loop.call_later(random.uniform(0.0, 0.03), strikes.pop())

    asking = Asking(http, system.stack.url, system.ledger, new_address())
    person = Person(asking, http, system.stack.simulator_url, system.ledger, lambda: False, on_step, leaves=1.0)
    await person.sign_up()
    for _ in range(3):
        if await person.try_login(Says.YES) and not strikes:
            return
    system.ledger.wrong.append(f"nobody got in after a kill at {struck.value}")


@asynccontextmanager
async def everything_killed(system: System) -> AsyncIterator[None]:
    """All three services at the same moment."""
    for name in MODULES:
        system.kill(name)
    yield


@asynccontextmanager
async def rolling_restart(system: System) -> AsyncIterator[None]:
    """SIGTERM to each in turn, as a deployment does: what was begun is answered, and nobody's connection is cut."""
    before = system.ledger.cut_connections
    for name in [*MODULES, *MODULES]:
        await asyncio.to_thread(system.stop, name)
        await asyncio.to_thread(system.wait_until_ready)
    if cut := system.ledger.cut_connections - before:
        system.ledger.wrong.append(f"{cut} connections were cut off by a restart")
    yield


def valkey_killed(*, empty: bool = False) -> Fault:
    """kill -9, away for a while, back with what was on disk, or with nothing."""

    @asynccontextmanager
    async def fault(system: System) -> AsyncIterator[None]:
        signal_to(system.valkey_pid, signal.SIGKILL)
        await asyncio.sleep(1.5)
        await asyncio.to_thread(system.start_valkey, empty=empty)
        yield

    return fault


@asynccontextmanager
async def valkey_paused(system: System) -> AsyncIterator[None]:
    """It accepts connections and says nothing."""
    signal_to(system.valkey_pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(PAUSE_SECONDS)
    finally:
        signal_to(system.valkey_pid, signal.SIGCONT)
    yield


@asynccontextmanager
async def postgres_killed(system: System) -> AsyncIterator[None]:
    """kill -9 of all its processes: crash recovery follows."""
    # The postmaster stands still first: a child that it makes meanwhile would go on writing beside its successor's.
    system.postgres_processes()[0].suspend()
    killed = system.postgres_processes()
    for process in killed:
        process.kill()
    await asyncio.to_thread(psutil.wait_procs, killed, 10)
    await asyncio.sleep(1.0)
    await asyncio.to_thread(system.start_postgres)
    yield


@asynccontextmanager
async def postgres_paused(system: System) -> AsyncIterator[None]:
    """It holds every connection and answers none."""
    stopped = system.postgres_processes()
    for process in stopped:
        process.suspend()
    try:
        await asyncio.sleep(PAUSE_SECONDS)
    finally:
        for process in stopped:
            process.resume()
    yield


@asynccontextmanager
async def postgres_restarted(system: System) -> AsyncIterator[None]:
    """A fast shutdown, as for an upgrade of the server."""
    postmaster = system.postgres_processes()[0]
    postmaster.send_signal(signal.SIGINT)
    await asyncio.to_thread(wait_until_gone, postmaster)
    await asyncio.to_thread(system.start_postgres)
    yield


@asynccontextmanager
async def postgres_disk_full(system: System) -> AsyncIterator[None]:
    """Not a byte more: the folder is its own small file system, and a file takes what is left of it."""
    processes = system.postgres_processes()
    balloon = system.stack.data / "postgres" / "balloon"
    subprocess.run(["dd", "if=/dev/zero", f"of={balloon}", "bs=1M"], check=False, capture_output=True)
    try:
        await asyncio.sleep(PAUSE_SECONDS)
    finally:
        balloon.unlink()
    if not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes[:1]):
        # A server that could not write its journal stops itself, and its operator starts it.
        await asyncio.to_thread(system.start_postgres)
    yield


@asynccontextmanager
async def connections_cut(system: System) -> AsyncIterator[None]:
    """Every connection to both stores, some times."""
    stack = system.stack
    for _ in range(KILLS):
        database = await asyncpg.connect(host=stack.postgres.socket_dir, user="postgres", database="countersign")
        await database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> 'postgres'")
        await database.close()
        async with Redis.from_url(system.operator_url()) as redis:
            for kind in ("normal", "pubsub"):
                await redis.client_kill_filter(_type=kind, skipme=True)
        await asyncio.sleep(0.7)
    yield


def vendor(*rules: dict[str, Any], seconds: float = 5.0) -> Fault:
    """Authy, or its callbacks, behave like this for a while."""

    @asynccontextmanager
    async def fault(system: System) -> AsyncIterator[None]:
        address = f"{system.stack.simulator_url}/control/faults"
        async with ClientSession() as http:
            async with http.put(address, json={"rules": list(rules)}) as answer:
                assert answer.status == 200, await answer.text()
            try:
                await asyncio.sleep(seconds)
            finally:
                async with http.delete(address) as answer:
                    assert answer.status == 200
        yield

    return fault


def skewed(**seconds: float) -> Fault:
    """Services whose clocks are off, until they are set right."""

    @asynccontextmanager
    async def fault(system: System) -> AsyncIterator[None]:
        instead = {name: ("tests.chaos.skewed", str(off)) for name, off in seconds.items()}
        await asyncio.to_thread(system.restart_all, instead)
        try:
            await asyncio.sleep(3)
        finally:
            await asyncio.to_thread(system.restart_all)
        yield

    return fault


def nothing_else(*tried: Says) -> Fault:
    """For a product that is broken as it is: somebody greedy tries each of these, once and for certain."""

    @asynccontextmanager
    async def fault(system: System) -> AsyncIterator[None]:
        async with ClientSession(connector=TCPConnector(force_close=True)) as http:
            for says in tried:
                asking = Asking(http, system.stack.url, system.ledger, new_address())
                greedy = Person(asking, http, system.stack.simulator_url, system.ledger, lambda: False, greed=1.0)
                greedy.leaves = 1.0 if says is Says.YES and greedy.ledger.opened else 0.0
                if await greedy.sign_up():
                    await greedy.try_login(says)
        yield

    return fault


def wait_until_gone(process: psutil.Process) -> None:
    """Until it has ended, whether or not anybody has buried it."""
    with suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.05)


def signal_to(pid: int, how: int) -> None:
    """To a process of ours."""
    os.kill(pid, how)


FAULTS: dict[str, Fault] = {
    "auth killed (-9) at each step": killed("auth"),
    "twofactor killed (-9) at each step": killed("twofactor"),
    "gateway killed (-9) at each step": killed("gateway"),
    "all three killed at once": everything_killed,
    "rolling restart": rolling_restart,
    "Valkey killed (-9)": valkey_killed(),
    "Valkey restarted empty": valkey_killed(empty=True),
    "Valkey paused": valkey_paused,
    "PostgreSQL killed (-9)": postgres_killed,
    "PostgreSQL paused": postgres_paused,
    "PostgreSQL restarted": postgres_restarted,
    "PostgreSQL's disk full": postgres_disk_full,
    "connections cut": connections_cut,
    "Authy slow": vendor({"fault": "slow", "seconds": 3}),
    "Authy answers 503": vendor({"fault": "503"}),
    "Authy answers HTML": vendor({"fault": "html"}),
    "Authy answers half a JSON": vendor({"fault": "wrong_json"}),
    "Authy breaks the connection": vendor({"fault": "reset"}),
    "callback late": vendor({"endpoint": "callback", "fault": "late", "seconds": 3}),
    "callback twice": vendor({"endpoint": "callback", "fault": "repeated", "times": 2}),
    "callback never": vendor({"endpoint": "callback", "fault": "dropped"}),
    "callback badly signed": vendor({"endpoint": "callback", "fault": "badly_signed"}),
    "callbacks reordered": vendor(
        {"endpoint": "callback", "fault": "late", "seconds": 2, "count": 4},
        {"endpoint": "callback", "fault": "late", "seconds": 0.5, "count": 8},
        {"endpoint": "callback", "fault": "repeated", "times": 3},
    ),
    "clock of auth a minute ahead": skewed(auth=60),
    "clock of auth a minute behind": skewed(auth=-60),
    "clock of twofactor a minute ahead": skewed(twofactor=60),
    "clock of twofactor a minute behind": skewed(twofactor=-60),
    "clock of gateway a minute ahead": skewed(gateway=60),
    "clock of gateway a minute behind": skewed(gateway=-60),
}
