"""Every process of the system, the environment each one gets, and the order they start in."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools import secrets
from tools.authy_simulator import API_KEY
from tools.devstack.engines import ROOT, Postgres, migrate, start_postgres, start_valkey

READY_SECONDS = 60.0
STOP_SECONDS = 15.0
Tell = Callable[[str], None]


class StackFailed(Exception):
    """A process did not come up, or died; the message says which and where its log is."""


@dataclass(frozen=True)
class Ports:
    """Where each process listens on 127.0.0.1."""

    gateway: int
    simulator: int
    auth: int
    twofactor: int
    upstream: int


@dataclass
class Stack:
    """A running system."""

    url: str
    simulator_url: str
    ports: Ports
    data: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    environments: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def start(self, name: str, module: str, *arguments: str) -> None:
        """Starts `python -m module`, its output into the data folder's `logs/`."""
        with (self.data / "logs" / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env={**_bare_environment(), **self.environments.get(name, {})},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def require_running(self) -> None:
        """Raises `StackFailed` if a process has ended."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise StackFailed(f"{name} ended with status {process.returncode}:\n{self.last_words(name)}")

    def last_words(self, name: str) -> str:
        """The end of a process's log."""
        log = self.data / "logs" / f"{name}.log"
        return "\n".join([*log.read_text(errors="replace").splitlines()[-12:], f"(all of it: {log})"])

    def wait_until_ready(self, name: str, address: str) -> None:
        """Until `address` answers 200."""
        give_up = time.monotonic() + READY_SECONDS
        while not _answers(address):
            self.require_running()
            if time.monotonic() > give_up:
                raise StackFailed(f"{name} does not answer on {address}:\n{self.last_words(name)}")
            time.sleep(0.05)

    def stop(self) -> None:
        """SIGTERM to all, gateway first so that nobody is let in on a system that goes; SIGKILL to whoever stays."""
        for process in reversed(self.processes.values()):
            process.send_signal(signal.SIGTERM) if process.poll() is None else None
        for process in self.processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def running(
    data: Path, *, port: int = 0, simulator_port: int = 0, durable: bool = True, tell: Tell = lambda _: None
) -> Iterator[Stack]:
    """The whole system on `data`, ready; a port of 0 means any that is free."""
    data = data.resolve()
    (data / "logs").mkdir(parents=True, exist_ok=True)
    ports = Ports(_port(port), _port(simulator_port), *(_port(0) for _ in range(3)))
    tell("PostgreSQL 18")
    postgres = start_postgres(data / "postgres", durable=durable)
    try:
        tell("schemas")
        migrate(postgres)
        tell("Valkey 9")
        users = {user: secrets.password() for user in secrets.VALKEY_RIGHTS}
        valkey = start_valkey(data / "valkey", users=secrets.valkey_users(users), durable=durable)
        stores = {name: f"redis://{name}:{word}@127.0.0.1:{valkey.port}/0" for name, word in users.items()}
        stack = Stack(f"http://127.0.0.1:{ports.gateway}", f"http://127.0.0.1:{ports.simulator}", ports, data)
        stack.environments = _environments(stack, postgres, stores)
        try:
            _start_all(stack, tell)
            yield stack
        finally:
            stack.stop()
            valkey.stop()
    finally:
        postgres.stop()


def _start_all(stack: Stack, tell: Tell) -> None:
    ports = stack.ports
    stack.start("auth", "services.auth")
    stack.start("twofactor", "services.twofactor")
    simulator = [
        "--port",
        str(ports.simulator),
        "--callback-url",
        f"{stack.url}/callbacks/authy",
        "--data",
        str(stack.data / "simulator.json"),
    ]
    stack.start("simulator", "tools.authy_simulator", *simulator)
    stack.start("upstream", "tools.demo_upstream", "--port", str(ports.upstream))
    stack.start("gateway", "gateway")
    probes = {
        "auth": f"http://127.0.0.1:{ports.auth}/readyz",
        "twofactor": f"http://127.0.0.1:{ports.twofactor}/readyz",
        "simulator": f"{stack.simulator_url}/",
        "upstream": f"http://127.0.0.1:{ports.upstream}/",
        "gateway": f"{stack.url}/readyz",
    }
    for name, address in probes.items():
        tell(name)
        stack.wait_until_ready(name, address)


def _environments(stack: Stack, postgres: Postgres, stores: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    kept = _kept_secrets(stack.data / "secrets")
    peers = {
        "AUTH_URL": f"http://127.0.0.1:{stack.ports.auth}",
        "TWOFACTOR_URL": f"http://127.0.0.1:{stack.ports.twofactor}",
        "PUBLIC_URL": stack.url,
        "LOG_FORMAT": "json",
        "SERVICE_NAME": "Countersign demo",
    }
    own = {
        "auth": {
            "PORT": str(stack.ports.auth),
            "DATABASE_URL": postgres.url("auth"),
            "REDIS_URL": stores["auth"],
            "KEY_ENCRYPTION_KEY": kept["auth_key_encryption_key"],
            "SERVICE_CLIENTS": kept["service_clients"],
        },
        "twofactor": {
            "PORT": str(stack.ports.twofactor),
            "DATABASE_URL": postgres.url("twofactor"),
            "REDIS_URL": stores["twofactor"],
            "KEY_ENCRYPTION_KEY": kept["twofactor_key_encryption_key"],
            "AUTHY_API_KEY": API_KEY,
            "AUTHY_URL": stack.simulator_url,
        },
        "gateway": {
            "PORT": str(stack.ports.gateway),
            "REDIS_URL": stores["gateway"],
            "ASSERTION_KEY": kept["gateway_assertion_key"],
            "POLICY_FILE": str(_policy(stack)),
        },
    }
    return {
        name: {f"COUNTERSIGN_{key}": value for key, value in {**peers, **settings}.items()}
        for name, settings in own.items()
    }


def _kept_secrets(folder: Path) -> dict[str, str]:
    """What must outlive a run, or the keys sealed in the database would be lost with it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    names = ("auth_key_encryption_key", "twofactor_key_encryption_key", "gateway_assertion_key", "service_clients")
    fresh = secrets.compose_secrets()
    for name in names:
        secrets.write_once(folder / name, fresh[name])
    return {name: (folder / name).read_text() for name in names}


def _policy(stack: Stack) -> Path:
    """The shipped policy, with the demo upstream where it listens here."""
    path = stack.data / "policy.toml"
    shipped = (ROOT / "deploy/policy.toml").read_text()
    path.write_text(shipped.replace("http://demo-upstream:8091", f"http://127.0.0.1:{stack.ports.upstream}"))
    return path


def _bare_environment() -> dict[str, str]:
    """Ours without anybody's COUNTERSIGN_ settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}


def _port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", wanted))
        found: int = probe.getsockname()[1]
    return found


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 our own addresses
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
