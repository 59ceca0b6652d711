"""`.venv/bin/countersign`: the operator's command line over the embedded stack that runs, found by its data folder.

The folder is `.data`, or what DATA= names, as with `make up`.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cli.catalogue import MODULES
from cli.installation import MIGRATIONS, PREFIX, Installation
from cli.run import run
from tools.devstack.engines import ROOT, SERVICES, Postgres

Settings = Mapping[str, Mapping[str, str]]
RECORD = "operating.json"


@contextmanager
def operable(data: Path, environments: Settings, postgres: Postgres) -> Iterator[None]:
    """While the stack runs, its settings stand in its folder, for its owner's eyes only: they hold passwords."""
    owners = {f"{PREFIX}{name.upper()}_OWNER_DATABASE_URL": postgres.owner_url(name) for name in SERVICES}
    record = data / RECORD
    record.unlink(missing_ok=True)
    with os.fdopen(os.open(record, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({**{name: environments[name] for name in MODULES}, MIGRATIONS: owners}, file)
    try:
        yield
    finally:
        record.unlink(missing_ok=True)


def found(data: Path) -> Installation:
    """The stack on that folder; without one, what needs no stack."""
    record = data / RECORD
    try:
        settings: Settings = json.loads(record.read_text())
    except OSError:
        # A policy file can be asked about without anything running.
        return Installation(
            {"gateway": {}}, lambda *_: f"no stack runs on {data}: `make up` starts one (DATA= names its folder)"
        )
    return Installation(settings, lambda place, words: f"{place} is not part of this stack: {words}")


def main() -> int:
    """The command line."""
    return run(sys.argv[1:], found(Path(os.environ.get("DATA") or ROOT / ".data").resolve()))


if __name__ == "__main__":
    sys.exit(main())
