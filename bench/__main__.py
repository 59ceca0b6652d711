"""`python -m bench [MEASUREMENT ...]`: measures, writes JSON, prints a table; `report` writes docs/performance.md."""

import json
from collections.abc import Sequence
from types import ModuleType
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench import callback, check, hashing, history, login, nginx, proxy, rest, soak
from bench.interpreter import warning
from bench.peers import compare
from bench.processes import unpin
from bench.results import RESULTS, about_this_machine, keep
from bench.rounds import Findings, plan_from_environment
from tools.devstack.signals import interrupted_by_signals

MEASUREMENTS: dict[str, ModuleType] = {
    "check": check,
    "nginx": nginx,
    "proxy": proxy,
    "login": login,
    "peers": compare,
    "hash": hashing,
    "callback": callback,
    "rest": rest,
    "history": history,
    "soak": soak,
}
# Minutes to fill and some GB, or half an hour: for whoever asks for it by name.
BY_NAME_ONLY = {"history", "soak"}
console = Console(stderr=True)


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"which of: {', '.join(MEASUREMENTS)}; default all")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the results as JSON")] = False,
) -> None:
    """Measures this system against floors and peers in the same run. QUICK=1, SECONDS= and ROUNDS= shorten it."""
    interrupted_by_signals()
    chosen = names or [name for name in MEASUREMENTS if name not in BY_NAME_ONLY]
    unknown = [name for name in chosen if name not in MEASUREMENTS]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: there are {', '.join(MEASUREMENTS)}")
    if warning():
        console.print(f"[yellow]{escape(warning())}[/yellow]")
    found = [_measure(name) for name in chosen]
    document = keep(found, plan_from_environment())
    if as_json:
        print(json.dumps(document, indent=1))
    else:
        _show(found)
        written = any(not findings.is_empty for findings in found)
        console.print(f"[dim]{about_this_machine()['cpu']}{f'; written to {RESULTS}' if written else ''}[/dim]")
    # Whoever asked for it by name is told by the status, too; without npm the rest is measured all the same.
    if names and any(findings.unmeasured for findings in found):
        raise typer.Exit(1)


def _measure(name: str) -> Findings:
    plan, module = plan_from_environment(), MEASUREMENTS[name]
    columns = (TextColumn("[bold]{task.fields[name]:9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("[dim]{task.description}"), console=console, transient=True) as progress:
        task = progress.add_task("starting", total=module.count(plan), name=name)

        def tell(what: str) -> None:
            progress.update(task, description=what, advance=1)

        try:
            findings: Findings = module.run(plan, tell)
        finally:
            unpin()
        return findings


def _show(found: Sequence[Findings]) -> None:
    for findings in found:
        table = Table(title=findings.measurement, title_justify="left", box=None, pad_edge=False)
        for column in ("", "per second", "CPU us", "p50 ms", "p99 ms"):
            table.add_column(column, justify="left" if not column else "right")
        for row in findings.rows:
            values = [row.median(what) for what in ("per_second", "cpu_us", "p50_ms", "p99_ms")]
            table.add_row(row.name, *(f"{value:,.2f}" if value < 100 else f"{value:,.0f}" for value in values))
        console.print(table if findings.rows else findings.measurement)
        for verdict in findings.verdicts:
            mark = "[green]holds[/green]" if verdict.holds else "[red]does not hold[/red]"
            sign = "<=" if verdict.is_most else ">="
            console.print(
                f"  {mark} bar {verdict.bar}: {verdict.what}: {verdict.value:.2f} {sign} {verdict.limit} {verdict.unit}"
            )
        for note in findings.notes:
            console.print(f"  [dim]{note}[/dim]")
        for reason in findings.unmeasured:
            console.print("  [yellow]not measured[/yellow]", escape(reason))


if __name__ == "__main__":
    typer.run(main)
