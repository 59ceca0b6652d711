"""`countersign doctor`: what every service that is here finds when it looks at itself."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from chassis.checks import Check
from chassis.commands import AsJson, CannotDo, say, table
from cli.installation import MIGRATIONS, Installation
from cli.migrations import examine_schemas


def doctor_command(installation: Installation) -> Callable[..., int]:
    """The command, over what is here."""

    def doctor(as_json: AsJson = False) -> int:
        if not any(installation.settings.values()):
            raise CannotDo(installation.advice("auth", "doctor"))
        found = {place: _examined(installation, place) for place in installation.settings}
        document = {"well": all(check.is_well for checks in found.values() for check in checks), "checks": _rows(found)}
        say(document, _written, as_json=as_json)
        return 0 if document["well"] else 1

    return doctor


def _examined(installation: Installation, place: str) -> Sequence[Check]:
    installation.enter(place)
    with Console(stderr=True).status(f"looking at {place}"):
        if place == MIGRATIONS:
            return examine_schemas()
        found: Sequence[Check] = asyncio.run(installation.commands(place).examine())
        return found


def _rows(found: dict[str, Sequence[Check]]) -> list[dict[str, Any]]:
    return [
        {"of": place, "check": check.name, "well": check.is_well, "found": check.found, "advice": check.advice or None}
        for place, checks in found.items()
        for check in checks
    ]


def _written(document: dict[str, Any]) -> Table:
    shown = table("OF", "CHECK", "STATE", "FOUND", "WHAT TO DO")
    for row in document["checks"]:
        state = "ok" if row["well"] else "WRONG"
        shown.add_row(
            row["of"], row["check"], state, row["found"], row["advice"] or "", style=None if row["well"] else "red"
        )
    return shown
