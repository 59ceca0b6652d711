"""Measures in turn: every case once a round, so that a neighbour's noise falls on all; medians are compared."""

import asyncio
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil

from bench.load import Load
from bench.processes import cpu_seconds

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How long: `seconds` a case and round after `warm_up` seconds of each case, `rounds` times."""

    seconds: float = 4.0
    rounds: int = 5
    warm_up: float = 2.0
    is_quick: bool = False


def plan_from_environment() -> Plan:
    """`QUICK=1` for a look, `SECONDS=` and `ROUNDS=` for one's own choice."""
    quick = bool(os.environ.get("QUICK"))
    plan = Plan(0.5, 2, 0.3, is_quick=True) if quick else Plan()
    seconds, rounds = os.environ.get("SECONDS"), os.environ.get("ROUNDS")
    return Plan(float(seconds or plan.seconds), int(rounds or plan.rounds), plan.warm_up, plan.is_quick)


@dataclass(frozen=True)
class Case:
    """Something that is measured: a load on `processes` whose every answer has one of `statuses`."""

    name: str
    processes: Sequence[psutil.Process]
    load: Callable[[], Load]
    statuses: frozenset[int]


class Unexpected(Exception):
    """A process answered something else than what is measured."""


@dataclass(frozen=True)
class Sample:
    """One round of one case; CPU in microseconds a request, times in milliseconds."""

    per_second: float
    cpu_us: float
    p50_ms: float
    p99_ms: float


@dataclass
class Row:
    """All rounds of one case."""

    name: str
    samples: list[Sample] = field(default_factory=list)

    def median(self, what: str) -> float:
        return float(statistics.median(getattr(sample, what) for sample in self.samples))

    def spread(self, what: str) -> tuple[float, float]:
        values = [getattr(sample, what) for sample in self.samples]
        return min(values), max(values)

    def document(self) -> dict[str, Any]:
        """For JSON: medians, spread and every round."""
        names = ("per_second", "cpu_us", "p50_ms", "p99_ms")
        medians = {name: round(self.median(name), 3) for name in names}
        spread = {name: [round(value, 3) for value in self.spread(name)] for name in names}
        return {"name": self.name, **medians, "spread": spread, "rounds": [asdict(sample) for sample in self.samples]}


@dataclass(frozen=True)
class Verdict:
    """A bar, and whether it holds. `value` and `limit` in `unit`; `is_most`: at most the limit, else at least."""

    bar: int
    what: str
    value: float
    limit: float
    unit: str = ""
    is_most: bool = False

    @property
    def holds(self) -> bool:
        return self.value <= self.limit if self.is_most else self.value >= self.limit


@dataclass
class Findings:
    """What one measurement found; `unmeasured` says what it could not look at here, and why."""

    measurement: str
    rows: list[Row] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unmeasured: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Nothing could be looked at."""
        return not self.rows and not self.verdicts

    def document(self) -> dict[str, Any]:
        verdicts = [{**asdict(verdict), "holds": verdict.holds} for verdict in self.verdicts]
        rows = [row.document() for row in self.rows]
        return {"rows": rows, "verdicts": verdicts, "notes": self.notes, "unmeasured": self.unmeasured}


def measure(cases: Sequence[Case], plan: Plan, tell: Tell) -> dict[str, Row]:
    """Rows by name. Raises `Unexpected`."""
    for case in cases:
        tell(f"{case.name}: warm-up")
        _sample(case, plan.warm_up)
    rows = {case.name: Row(case.name) for case in cases}
    for number in range(plan.rounds):
        for case in cases:
            tell(f"{case.name}: round {number + 1} of {plan.rounds}")
            rows[case.name].samples.append(_sample(case, plan.seconds))
    return rows


def steps(cases: int, plan: Plan) -> int:
    """How often `measure` tells."""
    return cases * (plan.rounds + 1)


def beside_floor(bar: int, what: str, row: Row, floor: Row, at_least: float) -> list[Verdict]:
    """Both ways to compare with a floor: by CPU, which neighbours disturb little, and by requests a second."""
    return [
        Verdict(bar, what, ratio(row, floor, "cpu_us"), at_least),
        Verdict(bar, "the same in requests a second", ratio(row, floor), at_least),
    ]


def _sample(case: Case, seconds: float) -> Sample:
    load = case.load()
    cpu, began = cpu_seconds(case.processes), time.perf_counter()
    tally = asyncio.run(load.run(seconds))
    took, cpu = time.perf_counter() - began, cpu_seconds(case.processes) - cpu
    if not set(tally.statuses) <= case.statuses:
        raise Unexpected(f"{case.name}: {dict(tally.statuses)}")
    answered = max(1, tally.answered)
    return Sample(answered / took, cpu / answered * 1e6, tally.percentile(0.5) * 1e3, tally.percentile(0.99) * 1e3)


def ratio(row: Row, floor: Row, what: str = "per_second") -> float:
    """The median of the rounds' ratios: of `per_second` to the floor, of costs from the floor."""
    pairs = zip(row.samples, floor.samples, strict=True)
    if what == "per_second":
        return statistics.median(ours.per_second / theirs.per_second for ours, theirs in pairs)
    return float(statistics.median(getattr(theirs, what) / getattr(ours, what) for ours, theirs in pairs))
