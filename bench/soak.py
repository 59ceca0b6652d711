"""A long mixed load, and whether anything is left of it: `make soak`, for MINUTES= (30).

People sign in by app and by push, some turn back, leave the page or mistype; then they use their session, refresh it
and sign out. Before the first look everybody has come in every way that leaves something, so that what grows afterwards
grows with time. Both looks are at a system that has rested for as long as its short-lived keys live.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial

from bench.people import CHEAP_HASH, Client, Person, client_session, side_by_side, system
from bench.rounds import Findings, Plan, Row, Sample, Tell, Verdict
from bench.soak_people import ONCE, Stories, Turned, told
from bench.soak_watch import Look, look
from tools.devstack.stack import Stack

A_SECOND = 5.0  # stories that begin
PEOPLE = 320  # so that a person's stories begin a minute apart: a code is good once, and an hour has its limits
LOOK_SECONDS = 10.0
AT_ONCE = 100
# Nothing that a login or a session leaves in Valkey, limits of an hour apart, lives longer than the rest: a callback is
# known for eleven minutes, so that a copy is refused. Pools close what nobody has needed for five.
SHORT = {"ACCESS_TTL": "60", "PARTIAL_TTL": "60", "CHALLENGE_TTL": "30"}
REST_SECONDS = 680.0
# What may be there more than before: connections come and go. Of keys, one in fifty.
SLACK = {
    "tasks": 5,
    "descriptors": 10,
    "threads": 2,
    "database_connections": 2,
    "valkey_clients": 2,
    "keys_without_end": 2,
}


def count(plan: Plan) -> int:
    """Steps of the progress bar."""
    return int(_minutes(plan) * 60 / LOOK_SECONDS) + 4


def run(plan: Plan, tell: Tell) -> Findings:
    """Looks before and after, and what came of the stories between."""
    seconds = _minutes(plan) * 60
    with system({**CHEAP_HASH, **SHORT}) as stack:
        before, after, turned, took = asyncio.run(_soak(stack, seconds, tell))
    row = Row("stories of people", [_sample(took, seconds)])
    notes = [
        f"{seconds / 60:g} minutes; {_spelled(turned)}; rest of {REST_SECONDS:g} s before each look",
        f"before: {before.words()}",
        f"after: {after.words()}",
    ]
    return Findings("soak", [row], verdicts(before, after, turned), notes)


def verdicts(before: Look, after: Look, turned: Counter[Turned]) -> list[Verdict]:
    """What must be as it was. Memory may settle a little higher: allocators keep pieces."""
    memory = [
        Verdict(0, f"memory of {name} after / before", after.memory[name] / held, 1.1, is_most=True)
        for name, held in before.memory.items()
    ]
    slack = {**SLACK, "keys": before.keys // 50}
    counted = [
        _more(what.replace("_", " "), getattr(after, what) - getattr(before, what), slack[what]) for what in slack
    ]
    unexpected = Verdict(0, "stories that ended as they must not", float(turned[Turned.WRONG]), 0, is_most=True)
    refused = turned[Turned.REFUSED] / max(1, turned.total())
    return [unexpected, Verdict(0, "stories refused for too much", refused, 0.01, is_most=True), *memory, *counted]


def _more(what: str, more: int, at_most: int) -> Verdict:
    return Verdict(0, f"{what}, more than before", float(more), at_most, is_most=True)


async def _soak(stack: Stack, seconds: float, tell: Tell) -> tuple[Look, Look, Counter[Turned], list[float]]:
    async with client_session() as http:
        client = Client(http, stack.url)
        tell("people register")
        people = await side_by_side([client.register] * PEOPLE, 4)
        tell("everybody comes")
        turned: Counter[Turned] = Counter()
        for story in ONCE:
            await side_by_side([partial(told, client, stack, each, story) for each in people], 4)
        tell("rest")
        await asyncio.sleep(REST_SECONDS)
        before = await look(stack)
        took = await _load(client, stack, people, seconds, turned, tell)
        tell("rest")
        await asyncio.sleep(REST_SECONDS)
        return before, await look(stack), turned, took


async def _load(
    client: Client, stack: Stack, people: Sequence[Person], seconds: float, turned: Counter[Turned], tell: Tell
) -> list[float]:
    """Stories begin at an even pace, whoever is in turn; answers how long each took."""
    began, took, open_ = time.monotonic(), [], set[asyncio.Task[None]]()
    stories = Stories()

    async def one(person: Person) -> None:
        start = time.perf_counter()
        turned[await told(client, stack, person, stories.of(person))] += 1
        took.append(time.perf_counter() - start)

    number, next_look = 0, began + LOOK_SECONDS
    while (now := time.monotonic()) < began + seconds:
        if len(open_) < AT_ONCE:
            task = asyncio.create_task(one(people[number % len(people)]))
            open_.add(task)
            task.add_done_callback(open_.discard)
            number += 1
        if now >= next_look:
            next_look += LOOK_SECONDS
            tell(f"{_spelled(turned)}; {(await look(stack)).words()}")
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
    await asyncio.gather(*open_)
    return took


def _sample(took: Sequence[float], seconds: float) -> Sample:
    ordered = sorted(took)
    p50, p99 = (ordered[int(share * (len(ordered) - 1))] * 1e3 for share in (0.5, 0.99))
    return Sample(len(took) / seconds, 0, p50, p99)


def _spelled(turned: Counter[Turned]) -> str:
    return ", ".join(f"{many:,} {turn.value}" for turn, many in sorted(turned.items()))


def _minutes(plan: Plan) -> float:
    return float(os.environ.get("MINUTES") or (0.5 if plan.is_quick else 30))
