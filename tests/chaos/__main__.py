"""`python -m tests.chaos [NAME ...]`: every fault, or those whose name contains one of the words; a table at the end.

Exit status 1 if anybody was wrongly admitted, anything was lost, a 500 was seen, or somebody could not get in again.

`--flaws`: instead, a product that is broken on purpose in one place after the other. Exit status 1 if the observer
did not see one of them.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.chaos.disk import is_small, small_disk
from tests.chaos.every_fault import FAULTS
from tests.chaos.faults import postgres_disk_full
from tests.chaos.flaws import FLAWS
from tests.chaos.ledger import Ledger
from tests.chaos.proving import Proof, prove
from tests.chaos.run import Outcome, suffer
from tests.chaos.system import System
from tests.fakes.secret_scan import require_clean_stack
from tools.devstack.signals import interrupted_by_signals


def main() -> int:
    """The command line."""
    interrupted_by_signals()
    arguments = _arguments()
    known = FLAWS if arguments.flaws else FAULTS
    chosen = [name for name in known if not arguments.names or any(word in name for word in arguments.names)]
    if not chosen:
        print(f"Nothing is named like that. There are: {', '.join(known)}", file=sys.stderr)
        return 2
    if arguments.flaws:
        proofs = asyncio.run(_all_flaws(chosen))
        _show_proofs(proofs)
        return 0 if all(each.is_seen for each in proofs) else 1
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
        # The logs were searched fault by fault; now the stores' own, and the record: that of the last one is that of all.
        try:
            await asyncio.to_thread(require_clean_stack, system.stack)
        except AssertionError as secrets:
            outcomes[-1].finding.other.append(str(secrets))
            progress.console.print(str(secrets)[:2000], style="red", markup=False)
    return outcomes


async def _all_flaws(names: list[str]) -> list[Proof]:
    proofs = []
    with (
        tempfile.TemporaryDirectory(prefix="cs-chaos-", ignore_cleanup_errors=True) as folder,
        System.on(Path(folder) / "data") as system,
    ):
        for name in names:
            proofs.append(await prove(system, name, FLAWS[name]))
            print(f"{'seen' if proofs[-1].is_seen else 'NOT SEEN'}: {name}", file=sys.stderr)
    return proofs


def _show_proofs(proofs: list[Proof]) -> None:
    table = Table(
        "flaw", "while", "must be seen as", "requests", "lost", "wrongly admitted", "500s etc.", "first words"
    )
    for each in proofs:
        found, words = each.outcome.finding, _all_findings(each.outcome)
        counts = (each.outcome.requests, len(found.lost), len(found.admitted), len(found.other))
        columns = (each.name, each.flaw.fault, each.flaw.seen.value, *map(str, counts), words[0][:90] if words else "")
        table.add_row(*map(escape, columns), style="" if each.is_seen else "red")
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _all_findings(outcome: Outcome) -> list[str]:
    return [*outcome.finding.admitted, *outcome.finding.lost, *outcome.finding.other]


def _show(outcomes: list[Outcome]) -> None:
    headings = (
        "fault",
        "requests",
        "nobody listens",
        "cut off",
        "come to their end",
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
    parser.add_argument("names", nargs="*", metavar="NAME", help="only those whose name contains this")
    parser.add_argument("--flaws", action="store_true", help="break the product itself, and see whether it is seen")
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("stopped")
