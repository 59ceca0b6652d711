"""Brings a service's schema up to date with dbmate. `countersign migrate` and the embedded stack call it."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

from chassis.commands import Away
from chassis.postgres_hosts import primary_of

WAIT_SECONDS = 90
CONNECT_SECONDS = 5
# A migration takes the time that it takes; to say which are pending does not.
STATUS_SECONDS = 30.0
_PENDING = re.compile(r"^\[ \] (\S+?)(?:\.sql)?$", re.MULTILINE)


def migrate(service: Path, url: str) -> int:
    """Runs each of `<service>/migrations/*.sql` once, one run at a time; answers dbmate's exit status."""
    waiting = ("--migration-lock", "--wait", "--wait-timeout", f"{WAIT_SECONDS}s")
    one = _primary(url, patience=WAIT_SECONDS)
    # stdout is for the answer of whoever calls this.
    return subprocess.run(  # noqa: S603 the command is ours
        _dbmate(service, *waiting, "migrate"), check=False, env=_environment(service, one), stdout=sys.stderr
    ).returncode


def pending(service: Path, url: str) -> list[str]:
    """The migrations that were not run yet, by name; raises `Away` where that cannot be told."""
    one = _primary(url)
    asked = _asked(service, one)
    if asked.returncode:
        raise Away(f"the schema of {service.name} cannot be looked at: {' '.join(asked.stderr.split())}")
    return _PENDING.findall(asked.stdout)


def _asked(service: Path, url: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(  # noqa: S603 the command is ours
            _dbmate(service, "status"),
            check=False,
            env=_environment(service, url),
            capture_output=True,
            text=True,
            timeout=STATUS_SECONDS,
        )
    except subprocess.TimeoutExpired as silent:
        raise Away(f"the schema of {service.name} cannot be looked at: no answer in {STATUS_SECONDS:g} s") from silent


def _primary(url: str, *, patience: float = 0) -> str:
    """Dbmate knows one host: of several, the one that may be written to; raises `Away` where none is."""
    try:
        return asyncio.run(primary_of(url, patience=patience))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InternalClientError) as none:
        raise Away(f"of the hosts that are named, none is the primary: {type(none).__name__}") from none


def _dbmate(service: Path, *words: str) -> list[str]:
    return [
        str(Path(sys.executable).with_name("dbmate")),
        "--env", "DBMATE_URL",  # not --url: a command line is seen by everyone on the machine
        "--env-file", os.devnull,
        "--migrations-dir", str(service / "migrations"),
        "--no-dump-schema", *words,
    ]  # fmt: skip


def _environment(service: Path, url: str) -> dict[str, str]:
    return {**os.environ, "DBMATE_URL": for_dbmate(url, service.name)}


def for_dbmate(url: str, schema: str) -> str:
    """The same address in dbmate's spelling: the service's schema first, no TLS unless asked for."""
    parts = urlsplit(url)
    options = {
        "sslmode": "disable",
        "search_path": schema,
        # Without it dbmate waits for ever for a server that takes connections and says nothing.
        "connect_timeout": str(CONNECT_SECONDS),
        **dict(parse_qsl(parts.query)),
    }
    return urlunsplit(parts._replace(scheme="postgres", query=urlencode(options)))
