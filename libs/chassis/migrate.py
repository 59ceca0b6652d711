"""`python -m chassis.migrate services/auth`: brings a service's schema up to date with dbmate, waiting for the server.

The address is COUNTERSIGN_DATABASE_URL, or the content of the file that COUNTERSIGN_DATABASE_URL_FILE names.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

WAIT = "90s"
URL = "COUNTERSIGN_DATABASE_URL"


def migrate(service: Path, url: str) -> int:
    """Runs each of `<service>/migrations/*.sql` once, one run at a time; answers dbmate's exit status."""
    command = [
        str(Path(sys.executable).with_name("dbmate")),
        "--env", "DBMATE_URL",  # not --url: a command line is seen by everyone on the machine
        "--env-file", os.devnull,
        "--migrations-dir", str(service / "migrations"),
        "--no-dump-schema", "--migration-lock", "--wait", "--wait-timeout", WAIT,
        "migrate",
    ]  # fmt: skip
    environment = {**os.environ, "DBMATE_URL": _for_dbmate(url, service.name)}
    return subprocess.run(command, check=False, env=environment).returncode  # noqa: S603 the command is ours


def _for_dbmate(url: str, schema: str) -> str:
    """The same address in dbmate's spelling: the service's schema first, no TLS unless asked for."""
    parts = urlsplit(url)
    options = {"sslmode": "disable", "search_path": schema, **dict(parse_qsl(parts.query))}
    return urlunsplit(parts._replace(scheme="postgres", query=urlencode(options)))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service", type=Path, help="the service's folder, e.g. services/auth")
    service = parser.parse_args().service
    file = os.environ.get(f"{URL}_FILE")
    url = Path(file).read_text().strip() if file else os.environ.get(URL, "")
    if not url or not (service / "migrations").is_dir():
        fault = f"{service}/migrations is not a folder" if url else f"{URL} (or {URL}_FILE) is not set"
        print(fault, file=sys.stderr)  # noqa: T201 a command line speaks
        return 2
    return migrate(service, url)


if __name__ == "__main__":
    sys.exit(main())
