"""`python -m tests.chaos [NAME ...]`: every fault, or those whose name contains one of the words; a table at the end.

Exit status 1 if anybody was wrongly admitted, anything was lost, a 500 was seen, or somebody could not get in again.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.chaos.disk import is_small, small_disk
from tests.chaos.every_fault import FAULTS
from tests.chaos.faults import postgres_disk_full
from tests.chaos.ledger import Ledger
from tests.chaos.run import Outcome, suffer
from tests.chaos.system import System


def main() -> int:
    """The command line."""
    arguments = _arguments()
    chosen = [name for name in FAULTS if not arguments.names or any(word in name for word in arguments.names)]
    if not chosen:
        print(f"No fault is named like that. There are: {', '.join(FAULTS)}", file=sys.stderr)
        return 2
    outcomes = asyncio.run(_all(chosen))
    if arguments.json:
        print(json.dumps([asdict(each) | {"good": each.is_good} for each in outcomes], indent=2))
    else:
        _show(outcomes)
    return 0 if all(each.is_good for each in outcomes) else 1


async def _all(names: list[str]) -> list[Outcome]:
    console, ledger, outcomes = Console(stderr=True), Ledger(), []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        tempfile.TemporaryDirectory(prefix="cs-chaos-", ignore_cleanup_errors=True) as folder,
        small_disk(Path(folder)) as data,
        System.on(data) as system,
        Progress(*columns, console=console) as progress,
    ):
        bar = progress.add_task("faults", total=len(names))
        if not is_small(data):
            names = [name for name in names if FAULTS[name] is not postgres_disk_full]
        for name in names:
            progress.update(bar, description=name)
            outcomes.append(await suffer(system, name, FAULTS[name], ledger))
            progress.advance(bar)
            for line in _all_findings(outcomes[-1])[:5]:
                progress.console.print(f"  {name}: {line}", style="red", markup=False)
    return outcomes


def _all_findings(outcome: Outcome) -> list[str]:
    return [*outcome.finding.admitted, *outcome.finding.lost, *outcome.finding.other]


def _show(outcomes: list[Outcome]) -> None:
    headings = (
        "fault",
        "requests",
        "nobody listens",
        "cut off",
        "signed in",
        "begun anew",
        "lost",
        "wrongly admitted",
        "500s etc.",
    )
    table = Table(*headings, "recovered after")
    for each in outcomes:
        found = each.finding
        counts = (each.requests, each.refused, each.cut, each.signed_in, each.begun_anew)
        bad = (len(found.lost), len(found.admitted), len(found.other))
        recovery = "never" if each.recovery is None else f"{each.recovery:.1f} s"
        table.add_row(each.name, *map(str, (*counts, *bad)), recovery, style="" if each.is_good else "red")
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="only faults whose name contains this")
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
