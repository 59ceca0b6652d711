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
from aiohttp import ClientSession

from bench.fill import fill_folder, steps
from bench.fill_rows import SESSION_LIFE, Sizes
from bench.history_asking import Asking, Place
from bench.people import CHEAP_HASH, WIDE, client_session
from bench.rounds import Findings, Plan, Row, Sample, Tell, Verdict, ratio
from tools.devstack.stack import running

SMALL = Sizes(1_000, 5_000, 10_000)
FULL, SHORT = Sizes(1_000_000, 5_000_000, 10_000_000), Sizes(20_000, 60_000, 100_000)
LIFE = str(int(SESSION_LIFE.total_seconds()))
SETTINGS = {**WIDE, **CHEAP_HASH, "REFRESH_TTL": LIFE, "ACCESS_TTL": "3600"}
MOST = 1.10
CASES = ("whole login", "refresh", "introspection", "list of sessions")
NAMES = ("small", "large")
_LOG = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"


def sizes(plan: Plan) -> Sizes:
    """`USERS=`, `SESSIONS=` and `RECORDS=`, or a million, five and ten."""
    usual = SHORT if plan.is_quick else FULL
    kept = {"USERS": usual.users, "SESSIONS": usual.sessions, "RECORDS": usual.records}
    return Sizes(*(int(os.environ.get(name) or size) for name, size in kept.items()))


def count(plan: Plan) -> int:
    """Steps of the progress bar."""
    return steps(SMALL) + steps(sizes(plan)) + len(NAMES) * (plan.rounds + 2)


def logins(plan: Plan) -> int:
    """How many a round has."""
    return 10 if plan.is_quick else 60


def run(plan: Plan, tell: Tell) -> Findings:
    """Both systems stand beside each other and are asked in turn. `HISTORY=` names a folder that keeps them."""
    large = sizes(plan)
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        places = [
            stack.enter_context(_system(folder / name, size, tell))
            for name, size in zip(NAMES, (SMALL, large), strict=True)
        ]
        rows = asyncio.run(_rounds(places, plan, tell))
        written = asyncio.run(_written(places[-1], logins(plan)))
    verdicts = [
        Verdict(7, f"{case}: CPU with the history / without", _growth(rows, case), MOST, is_most=True) for case in CASES
    ]
    notes = [
        f"small: {_words(SMALL)}; large: {_words(large)}; asked by people who have a part in it",
        "both databases were read once before, and stood in memory; PostgreSQL as it comes, 128 MiB of its own",
        "CPU is that of gateway, auth and twofactor and of PostgreSQL's processes for them",
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
    if not (data / "postgres").exists():
        fill_folder(data, size, tell)
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
        for place in places:
            tell(f"{place.name}: warm-up")
            await _round(http, place, logins(plan))
            place.find_servers()
        for number in range(plan.rounds):
            for place in places if number % 2 else places[::-1]:
                tell(f"{place.name}: round {number + 1} of {plan.rounds}")
                for case, sample in (await _round(http, place, logins(plan))).items():
                    rows[f"{case}, {place.name}"].samples.append(sample)
    return rows


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


async def _round(http: ClientSession, place: Place, many: int) -> dict[str, Sample]:
    asking = Asking(http, place)
    samples = [
        await asking.logins(many),
        # So many that the operating system's clock, a hundredth of a second, says enough.
        await asking.refreshes(many * 3),
        await asking.introspections(many * 10),
        await asking.lists(many * 10),
    ]
    return dict(zip(CASES, samples, strict=True))
