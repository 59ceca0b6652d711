"""`countersign migrate`: brings both schemas up to date, each by its owner, which no serving process is."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from chassis.checks import Check
from chassis.commands import AsJson, Away, CannotDo, say, table
from chassis.migrate import migrate, pending
from cli.installation import PREFIX, Installation

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = {"auth": ROOT / "services/auth", "twofactor": ROOT / "services/twofactor"}
Status = Annotated[bool, typer.Option("--status", help="Only say what is pending; exit status 1 if anything is.")]


def migrate_command(installation: Installation) -> Callable[..., int]:
    """The command, where the owners' addresses are."""

    def run(status: Status = False, as_json: AsJson = False) -> int:
        installation.enter("migrate")
        urls = {name: owner_url(name) for name in SCHEMAS}
        for name, url in urls.items():
            if not status and migrate(SCHEMAS[name], url):
                raise Away(f"the schema of {name} could not be brought up to date; what dbmate says stands above")
        left = {name: pending(SCHEMAS[name], url) for name, url in urls.items()}
        say({"pending": left}, _written, as_json=as_json)
        return 1 if any(left.values()) else 0

    return run


def owner_url(name: str) -> str:
    """The address by which the owner of a schema connects: COUNTERSIGN_AUTH_OWNER_DATABASE_URL, or its _FILE."""
    setting = f"{PREFIX}{name.upper()}_OWNER_DATABASE_URL"
    file = os.environ.get(f"{setting}_FILE")
    try:
        url = Path(file).read_text().strip() if file else os.environ.get(setting, "")
    except OSError as unreadable:
        raise CannotDo(f"{unreadable.filename}: {unreadable.strerror} (named by {setting}_FILE)") from unreadable
    if not url:
        raise CannotDo(f"{setting} (or {setting}_FILE) is not set: the address of the owner of {name}'s schema")
    return url


def examine_schemas() -> list[Check]:
    """For the doctor: what is pending, seen by the owners."""
    return [_examined(name) for name in SCHEMAS]


def _examined(name: str) -> Check:
    try:
        left = pending(SCHEMAS[name], owner_url(name))
    except CannotDo as refused:
        return Check(f"schema of {name}", "cannot be looked at", str(refused))
    return Check(
        f"schema of {name}",
        f"{len(left)} pending" if left else "up to date",
        "run `countersign migrate`" if left else "",
    )


def _written(document: dict[str, Any]) -> Table:
    shown = table("SCHEMA", "PENDING")
    for name, left in document["pending"].items():
        shown.add_row(name, " ".join(left) or "nothing: it is up to date")
    return shown
