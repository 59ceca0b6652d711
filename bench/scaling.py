"""`python -m bench.scaling --users 1000000`: what a deployment needs, from what `make bench` measured.

Prints a table, or JSON. `docs/scaling.md` has it for a million and for a hundred million, and says what to make of it.
"""

import json
import random
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bench.results import read
from bench.scaling_model import Costs, Sizes, Use, costs_of, ends, hashing, needs

QUEUE = 32
WRITTEN_FOR = (1_000_000.0, 100_000_000.0)
Option = typer.Option
DEFAULTS = Use()


def main(
    users: Annotated[list[float] | None, Option(help="how many people; once or more often")] = None,
    logins: Annotated[float, Option(help="logins a person and day")] = DEFAULTS.logins_a_day,
    peak: Annotated[float, Option(help="the busiest seconds, against the day's average")] = DEFAULTS.peak,
    checks: Annotated[float, Option(help="authorised checks that follow a login")] = DEFAULTS.checks_a_login,
    pushes: Annotated[float, Option(help="share of logins that are confirmed by push")] = DEFAULTS.pushes,
    session_days: Annotated[float, Option(help="REFRESH_TTL, in days")] = DEFAULTS.session_days,
    keep_days: Annotated[float, Option(help="AUDIT_KEEP_DAYS")] = DEFAULTS.keep_days,
    busy: Annotated[float, Option(help="how busy a core may be at the peak")] = DEFAULTS.busy,
    as_json: Annotated[bool, Option("--json", help="print JSON")] = False,
) -> None:
    """Processes, memory, disk and requests for so many people; where one system ends; how long a login waits."""
    use = Use(logins, peak, checks, pushes, DEFAULTS.approve_seconds, session_days, keep_days, busy)
    costs, sizes = costs_of(read()), Sizes()
    found = [_document(people, use, costs, sizes) for people in users or WRITTEN_FOR]
    if as_json:
        print(json.dumps({"deployments": found, "ends": dict(ends(use, costs, sizes))}, indent=1))
        return
    console = Console()
    console.print(_table(found))
    for what, people in ends(use, costs, sizes):
        console.print(f"  one system has enough of: [bold]{what}[/bold] for {_short(people)} people")


def _document(people: float, use: Use, costs: Costs, sizes: Sizes) -> dict[str, float]:
    found = needs(people, use, costs, sizes)
    seconds = (costs.hash_ms + costs.login_ms["auth"]) / 1e3
    # The same people every time: another answer has another cause.
    waits, refused = hashing(
        found["logins/s at the peak"], int(found["auth processes"]), seconds, QUEUE, random.Random(1)
    )
    return {"people": people, **found, "p99 wait for a hash, ms": waits * 1e3, "logins refused, %": refused * 100}


def markdown(results: Mapping[str, Any]) -> str:
    """The table of docs/scaling.md."""
    use, costs, sizes = Use(), costs_of(results), Sizes()
    found = [_document(people, use, costs, sizes) for people in WRITTEN_FOR]
    lines = ["| people |" + "".join(f" {_short(each['people'])} |" for each in found), "|---|" + "---|" * len(found)]
    names = [name for name in found[0] if name != "people"]
    lines += [f"| {name} |" + "".join(f" {_short(each[name])} |" for each in found) for name in names]
    lines += ["", "| what one system has one of | is enough for |", "|---|---|"]
    lines += [f"| {what} | {_short(people)} people |" for what, people in ends(use, costs, sizes)]
    return "\n".join(lines)


def _table(found: Sequence[Mapping[str, float]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for each in found:
        table.add_column(f"{_short(each['people'])} people", justify="right")
    for name in list(found[0])[1:]:
        table.add_row(name, *(_short(each[name]) for each in found))
    return table


def _short(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:,.3g} million"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    typer.run(main)
