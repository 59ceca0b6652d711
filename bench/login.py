"""Bar 3: what a whole login costs besides the password's hash: password, challenge, code and exchange.

By a code at hand it takes two requests, in which twofactor and auth do all of that; step by step, as a push needs it,
four. Both are measured in turn in the same rounds.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import psutil

from bench.peers.ours import enrolled, signed_in
from bench.people import (
    CHEAP_HASH,
    OURS,
    Client,
    client_session,
    our_processes,
    side_by_side,
    system,
    timed_side_by_side,
)
from bench.processes import cpu_seconds
from bench.rounds import Findings, Plan, Row, Sample, Tell, Verdict, ratio
from tools.devstack.stack import Stack

AT_ONCE = 8
MOST_CPU_MS = 5.0
BY_APP, BY_CODE = "two requests, an authenticator app", "two requests, Authy's app"
BY_LIST, BY_STEPS = "the same, other ways listed", "the same in four requests"
ABOUT = (
    "a figure about everything but the hash: with a real one, hashing dominates (see hash)",
    "the two requests, /v1/login and /oauth2/token with the code, do all of password, challenge, code and exchange",
    "an authenticator app's code is judged here, for Authy's the vendor is asked, over HTTP to the simulator",
    "the first of the two with Prefer: return=minimal; without that it lists the ways to confirm, too",
    "step by step (/v1/login, /v1/mfa/challenges, its /code, /oauth2/token) is how pages and pushes sign in",
)
Register = Callable[[], Awaitable[Any]]
SignIn = Callable[[Any], Awaitable[Any]]


def count(plan: Plan) -> int:
    """Steps of the progress bar."""
    return 4 * (plan.rounds + 1) + 1


def logins(plan: Plan) -> int:
    """How many logins a round has; each by somebody else, for a code is good once."""
    return 12 if plan.is_quick else 80


def run(plan: Plan, tell: Tell) -> Findings:
    """All processes of the product together; stores, simulator and driver are not counted."""
    rows = {name: Row(name) for name in (BY_APP, BY_CODE, BY_LIST, BY_STEPS)}
    with system(CHEAP_HASH) as stack:
        shares = asyncio.run(_rounds(stack, plan, tell, rows))
    verdicts = [_verdict(row) for row in (rows[BY_APP], rows[BY_CODE])]
    notes = [*ABOUT, _beside(rows[BY_CODE], rows[BY_STEPS]), *(_parts(name, shares[name]) for name in rows)]
    return Findings("login", list(rows.values()), verdicts, notes)


def _verdict(row: Row) -> Verdict:
    cpu = row.median("cpu_us") / 1000
    return Verdict(3, f"whole login, {row.name}: CPU of all three", cpu, MOST_CPU_MS, "ms", is_most=True)


def _beside(by_code: Row, by_steps: Row) -> str:
    four, share = by_steps.median("cpu_us") / 1000, 1 / ratio(by_code, by_steps, "cpu_us")
    return f"step by step a login costs {four:.1f} ms; the two requests cost {share:.2f} of it, by the rounds' median"


def _parts(name: str, shares: Counter[str]) -> str:
    parts = ", ".join(f"{process} {shares[process]:.1f} ms" for process in OURS)
    return f"{name}: {parts}"


async def _rounds(stack: Stack, plan: Plan, tell: Tell, rows: dict[str, Row]) -> dict[str, Counter[str]]:
    """Fills the rows; answers milliseconds a login, by way and process."""
    async with client_session() as http:
        client = Client(http, stack.url)
        ways: dict[str, tuple[Register, SignIn]] = {
            BY_APP: (partial(enrolled, client), partial(signed_in, client)),
            BY_CODE: (client.register, client.sign_in),
            BY_LIST: (client.register, client.sign_in_from_a_list),
            BY_STEPS: (client.register, client.sign_in_step_by_step),
        }
        shares: dict[str, Counter[str]] = {name: Counter() for name in ways}
        many, rounds = logins(plan), plan.rounds + 1
        tell("people register")
        people = {name: iter(await side_by_side([new] * (many * rounds), AT_ONCE)) for name, (new, _) in ways.items()}
        for number in range(rounds):
            for name, (_, sign_in) in ways.items():
                tell(f"{name}: {f'round {number} of {plan.rounds}' if number else 'warm-up'}")
                before = _used(stack)
                sample = await _round(sign_in, stack, [next(people[name]) for _ in range(many)])
                if number:
                    rows[name].samples.append(sample)
                    spent = _used(stack)
                    spent.subtract(before)
                    shares[name].update({each: used / many / plan.rounds * 1e3 for each, used in spent.items()})
        return shares


def _used(stack: Stack) -> Counter[str]:
    return Counter({name: cpu_seconds([psutil.Process(stack.processes[name].pid)]) for name in OURS})


async def _round(sign_in: SignIn, stack: Stack, people: list[Any]) -> Sample:
    processes, stories = our_processes(stack), [partial(sign_in, person) for person in people]
    return (await timed_side_by_side(stories, AT_ONCE, lambda: cpu_seconds(processes)))[0]
