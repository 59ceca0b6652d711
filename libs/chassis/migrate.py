"""`python -m chassis.migrate services/auth`: brings a service's schema up to date with dbmate, waiting for the server."""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


WAIT = "90s"


def migrate(service: Path, url: str) -> int:
    """Runs `<service>/migrations/*.sql` once each; the record of what ran stands in the service's own schema."""
    dbmate = Path(sys.executable).with_name("dbmate")
    command = [
        str(dbmate),
        "--url", _for_dbmate(url, service.name),
        "--migrations-dir", str(service / "migrations"),
        "--migrations-table", "schema_migrations",
        "--no-dump-schema", "--strict", "--wait", "--wait-timeout", WAIT,
        "migrate",
    ]  # fmt: skip
    return subprocess.run(command, check=False).returncode  # noqa: S603 the command is ours


def _for_dbmate(url: str, schema: str) -> str:
    """dbmate's own spelling of the same address: no TLS unless asked for, and the service's schema first."""
    parts = urlsplit(url)
    options = {"sslmode": "disable", "search_path": schema, **dict(parse_qsl(parts.query))}
    return urlunsplit(parts._replace(scheme="postgres", query=urlencode(options)))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service", type=Path, help="the service's folder, e.g. services/auth")
    service = parser.parse_args().service
    file = os.environ.get("COUNTERSIGN_DATABASE_URL_FILE")
    url = Path(file).read_text().strip() if file else os.environ.get("COUNTERSIGN_DATABASE_URL", "")
    if not url:
        print("COUNTERSIGN_DATABASE_URL (or COUNTERSIGN_DATABASE_URL_FILE) is not set", file=sys.stderr)  # noqa: T201
        return 2
    return migrate(service, url)


if __name__ == "__main__":
    sys.exit(main())
