"""`python -m bench.report`: docs/performance.md and its plots, from the results and what people write around them."""

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.processes import ROOT
from bench.results import read
from bench.scaling import markdown

SCALING = Path("docs/scaling.md")
BEGINS, ENDS = "<!-- measured: written by make bench-report -->", "<!-- end -->"
PAGE, IMAGES = Path("docs/performance.md"), Path("docs/images")
# What a person writes: what was changed and what it brought.
WORDS = Path("bench/words.md")
TITLES = {
    "check": "An authorised check",
    "nginx": "The check behind nginx",
    "proxy": "An authorised call through the gateway",
    "login": "A whole login besides its hash",
    "peers": "Beside better-auth and django-allauth",
    "hash": "With the real hash",
    "callback": "From the phone to the browser",
    "rest": "At rest",
    "history": "With a history",
    "soak": "Half an hour of everything",
}


def main() -> int:
    """Exit status 1 without results."""
    results = read()
    if not results:
        print("there are no results yet: make bench", file=sys.stderr)
        return 1
    measured = [(name, results[name]) for name in TITLES if name in results]
    drawn = draw(measured)
    (ROOT / PAGE).write_text(page(measured, drawn))
    (ROOT / SCALING).write_text(scaled((ROOT / SCALING).read_text(), results))
    print(f"written: {PAGE}, {SCALING}")
    return 0


def scaled(text: str, results: Mapping[str, Any]) -> str:
    """The page on scaling with its table as of these results; as it is, if there are not all of them."""
    try:
        table = markdown(results)
    except (KeyError, StopIteration):
        return text
    before, rest = text.split(BEGINS, 1)
    return f"{before}{BEGINS}\n{table}\n{ENDS}{rest.split(ENDS, 1)[1]}"


def page(measured: Sequence[tuple[str, Mapping[str, Any]]], drawn: Mapping[str, Path]) -> str:
    """The page, measurement by measurement."""
    parts = [(ROOT / WORDS).read_text().rstrip()]
    parts.append(
        "## Measured\n\nWritten by `make bench`. Figures are medians of the rounds, in brackets the least and the most."
    )
    parts.extend(_section(name, found, drawn.get(name)) for name, found in measured)
    return "\n\n".join(parts) + "\n"


def _section(name: str, found: Mapping[str, Any], picture: Path | None) -> str:
    lines = [f"### {TITLES[name]}", "", _where(found)]
    if found["rows"]:
        lines += ["", "| | requests/s | CPU µs each | p50 ms | p99 ms |", "|---|---|---|---|---|"]
        lines += [_row(row) for row in found["rows"]]
    lines += ["", "| bar | | measured | wanted | |", "|---|---|---|---|---|"]
    lines += [_verdict(verdict) for verdict in found["verdicts"]]
    lines += [f"\n{note[:1].upper()}{note[1:]}." for note in found["notes"]]
    lines += [f"\n**Not measured:** {reason}" for reason in found.get("unmeasured", [])]
    if picture is not None:
        lines += ["", f"![{TITLES[name]}]({picture.relative_to(PAGE.parent)})"]
    return "\n".join(lines)


def _where(found: Mapping[str, Any]) -> str:
    machine, plan = found["machine"], found["plan"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    build = "optimised" if machine["optimised"] else "compiled without profile-guided optimisation"
    return (
        f"{found['date']}, {machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB,"
        f" {machine['system']}, Python {machine['python']} ({build}), {versions}. {plan['rounds']} rounds of"
        f" {plan['seconds']:g} s; the machine's load was {machine['load'][0]:g} when it ended."
    )


def _row(row: Mapping[str, Any]) -> str:
    cells = [_figure(row[what], row["spread"][what]) for what in ("per_second", "cpu_us", "p50_ms", "p99_ms")]
    return f"| {row['name']} | {' | '.join(cells)} |"


def _figure(value: float, spread: Sequence[float]) -> str:
    # 0 and NaN stand for what is not measured there.
    if not value or math.isnan(value):
        return ""
    return f"{_short(value)} ({_short(spread[0])}-{_short(spread[1])})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def _verdict(verdict: Mapping[str, Any]) -> str:
    unit = f" {verdict['unit']}" if verdict["unit"] else ""
    wanted = f"{'at most' if verdict['is_most'] else 'at least'} {verdict['limit']:g}{unit}"
    said = "holds" if verdict["holds"] else "**does not hold**"
    return f"| {verdict['bar'] or ''} | {verdict['what']} | {verdict['value']:.2f}{unit} | {wanted} | {said} |"


def draw(measured: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Path]:
    """One plot for each measurement that compares CPU with a floor; none without matplotlib."""
    try:
        import matplotlib as mpl  # noqa: PLC0415 the group `bench` may be missing: the page stands without pictures
    except ImportError:
        print("no plots: matplotlib is not installed (make bench installs it)", file=sys.stderr)
        return {}
    mpl.use("Agg")
    return {name: _bars(name, found["rows"]) for name, found in measured if name in {"check", "proxy"}}


def _bars(name: str, rows: Sequence[Mapping[str, Any]]) -> Path:
    from matplotlib import pyplot as plt  # noqa: PLC0415 see above

    figure, axes = plt.subplots(figsize=(7, 0.6 * len(rows) + 1.2))
    values = [row["cpu_us"] for row in rows]
    errors = [
        [row["cpu_us"] - row["spread"]["cpu_us"][0] for row in rows],
        [row["spread"]["cpu_us"][1] - row["cpu_us"] for row in rows],
    ]
    colours = ["#9aa7b4" if index < len(rows) // 2 else "#2f6fb2" for index in range(len(rows))]
    axes.barh([row["name"] for row in rows], values, xerr=errors, color=colours, capsize=3)
    axes.invert_yaxis()
    axes.set_xlabel("CPU microseconds a request (less is better)")
    axes.spines[["top", "right"]].set_visible(False)
    path = IMAGES / f"performance-{name}.png"
    figure.tight_layout()
    figure.savefig(ROOT / path, dpi=110)
    plt.close(figure)
    return path


if __name__ == "__main__":
    sys.exit(main())
