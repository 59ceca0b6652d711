"""Bar 7: what is asked costs the same with a million people and their history as with a thousand."""

import asyncio
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle
from pathlib import Path

import asyncpg

from bench.fill import fill_folder, steps
from bench.fill_rows import SESSION_LIFE, Sizes
from bench.history_asking import Asking, Place
from bench.people import CHEAP_HASH, WIDE, client_session, our_processes
from bench.placing import aside, hold, placement
from bench.rounds import Findings, Plan, Row, Tell, Verdict, ratio
from tools.devstack.stack import running

SMALL = Sizes(1_000, 5_000, 10_000)
FULL, SHORT = Sizes(1_000_000, 5_000_000, 10_000_000), Sizes(20_000, 60_000, 100_000)
LIFE = str(int(SESSION_LIFE.total_seconds()))
SETTINGS = {**WIDE, **CHEAP_HASH, "REFRESH_TTL": LIFE, "ACCESS_TTL": "3600"}
MOST = 1.10
# How each is asked, and how often for every login.
CASES = {
    "whole login": (Asking.logins, 1),
    "refresh": (Asking.refreshes, 3),
    "introspection": (Asking.introspections, 10),
    "list of sessions": (Asking.lists, 10),
}
TURNS = 5
NAMES = ("small", "large")
_LOG = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"


def sizes(plan: Plan) -> Sizes:
    """`USERS=`, `SESSIONS=` and `RECORDS=`, or a million, five and ten."""
    usual = SHORT if plan.is_quick else FULL
    kept = {"USERS": usual.users, "SESSIONS": usual.sessions, "RECORDS": usual.records}
    return Sizes(*(int(os.environ.get(name) or size) for name, size in kept.items()))


def count(plan: Plan) -> int:
    """Steps of the progress bar."""
    return steps(SMALL) + steps(sizes(plan)) + len(NAMES) + plan.rounds + 1


def logins(plan: Plan) -> int:
    """How many a round has."""
    return 10 if plan.is_quick else 60


def run(plan: Plan, tell: Tell) -> Findings:
    """Both systems stand beside each other and are asked in turn. `HISTORY=` names a folder that keeps them."""
    large, placed = sizes(plan), placement()
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        filled = dict(zip(NAMES, (SMALL, large), strict=True))
        for name, size in filled.items():
            if not (folder / name / "postgres").exists():
                fill_folder(folder / name, size, tell)
        stack.enter_context(aside(placed))
        places = [stack.enter_context(_system(folder / name, size, tell)) for name, size in filled.items()]
        for process in (each for place in places for each in our_processes(place.stack)):
            hold(process.pid, placed.ours)
        rows = asyncio.run(_rounds(places, plan, tell))
        written = asyncio.run(_written(places[-1], logins(plan)))
    verdicts = [
        Verdict(7, f"{case}: CPU with the history / without", _growth(rows, case), MOST, is_most=True) for case in CASES
    ]
    notes = [
        f"small: {_words(SMALL)}; large: {_words(large)}; asked by people who have a part in it",
        "both databases were read once before, and stood in memory; PostgreSQL as it comes, 128 MiB of its own",
        f"CPU is that of gateway, auth and twofactor and of PostgreSQL's processes for them; {placed.told}",
        f"each round is {TURNS} turns, and a ratio the median of {TURNS * plan.rounds} turns'",
        f"one login writes {written / 1024:.1f} KiB of WAL, its sealed record and images of whole pages included",
    ]
    return Findings("history", list(rows.values()), verdicts, notes)


def _growth(rows: dict[str, Row], case: str) -> float:
    return 1 / ratio(rows[f"{case}, large"], rows[f"{case}, small"], "cpu_us")


def _words(size: Sizes) -> str:
    return f"{size.users:,} people, {size.sessions:,} sessions, {size.records:,} rows of the record"


@contextmanager
def _folder() -> Iterator[Path]:
    kept = os.environ.get("HISTORY")
    if kept:
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory(prefix="cs-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def _system(data: Path, size: Sizes, tell: Tell) -> Iterator[Place]:
    # Nobody twice within the half minute that a code lives.
    people = random.Random(7).sample(range(size.users), min(size.users, 1000))
    with running(data, settings=SETTINGS) as stack:
        tell(f"{data.name}: started")
        _read_through(data / "postgres" / "base")
        yield Place(data.name, stack, cycle(people))


def _read_through(folder: Path) -> None:
    """Into the memory of the operating system, as after some hours: what is measured is work, not the disk."""
    for file in folder.rglob("*"):
        with suppress(OSError), file.open("rb", buffering=0) as opened:
            while opened.read(1 << 22):
                pass


async def _rounds(places: list[Place], plan: Plan, tell: Tell) -> dict[str, Row]:
    rows = {name: Row(name) for case in CASES for name in (f"{case}, {place.name}" for place in places)}
    async with client_session() as http:
        askings = [Asking(http, place) for place in places]
        tell("warm-up")
        await _round(askings, logins(plan), rows)
        for row in rows.values():
            row.samples.clear()
        for number in range(1, plan.rounds + 1):
            tell(f"round {number} of {plan.rounds}")
            await _round(askings, logins(plan), rows)
    return rows


async def _round(askings: list[Asking], many: int, rows: dict[str, Row]) -> None:
    """Turn by turn, a moment each: whatever else the machine does then, it does to both."""
    for asking in askings:
        asking.place.sessions.clear()
    for case, (ask, times) in CASES.items():
        for turn in range(TURNS):
            for asking in askings[:: 1 if turn % 2 else -1]:
                rows[f"{case}, {asking.place.name}"].samples.append(await ask(asking, many * times // TURNS))


async def _written(place: Place, many: int) -> float:
    """Bytes of PostgreSQL's log for one login, in the large system."""
    connection = await asyncpg.connect(place.stack.postgres.url("auth"))
    async with client_session() as http:
        before = await connection.fetchval(_LOG)
        await Asking(http, place).logins(many)
        # Two beats of the record.
        await asyncio.sleep(2)
        after = await connection.fetchval(_LOG)
    await connection.close()
    return float(after - before) / many
