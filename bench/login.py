"""Bar 3: what a whole login costs besides the password's hash: password, challenge, code and exchange."""

import asyncio
from functools import partial

import psutil

from bench.people import (
    CHEAP_HASH,
    OURS,
    Client,
    Person,
    client_session,
    our_processes,
    side_by_side,
    system,
    timed_side_by_side,
)
from bench.processes import cpu_seconds
from bench.rounds import Findings, Plan, Row, Sample, Tell, Verdict
from tools.devstack.stack import Stack

AT_ONCE = 8
MOST_CPU_MS = 5.0


def count(plan: Plan) -> int:
    """Steps of the progress bar."""
    return plan.rounds + 2


def logins(plan: Plan) -> int:
    """How many logins a round has; each by somebody else, for a code is good once."""
    return 12 if plan.is_quick else 80


def run(plan: Plan, tell: Tell) -> Findings:
    """All processes of the product together; stores, simulator and driver are not counted."""
    with system(CHEAP_HASH) as stack:
        samples, shares = asyncio.run(_rounds(stack, plan, tell))
    row = Row("whole login, hash made cheap", samples)
    cpu = row.median("cpu_us") / 1000
    verdict = Verdict(3, "whole login: CPU over gateway, auth and twofactor", cpu, MOST_CPU_MS, "ms", is_most=True)
    note = "a figure about everything but the hash: with a real one, hashing dominates (see hash)"
    parts = ", ".join(f"{name} {share:.1f} ms" for name, share in shares.items())
    return Findings("login", [row], [verdict], [note, f"of that: {parts}"])


async def _rounds(stack: Stack, plan: Plan, tell: Tell) -> tuple[list[Sample], dict[str, float]]:
    async with client_session() as http:
        client = Client(http, stack.url)
        tell("people register")
        people = await side_by_side([client.register] * (logins(plan) * (plan.rounds + 1)), AT_ONCE)
        groups = [people[start :: plan.rounds + 1] for start in range(plan.rounds + 1)]
        tell("warm-up")
        await _round(client, stack, groups[0])
        samples, before = [], _shares(stack)
        for number, group in enumerate(groups[1:], 1):
            tell(f"round {number} of {plan.rounds}")
            samples.append(await _round(client, stack, group))
        many = logins(plan) * plan.rounds
        return samples, {name: (cpu - before[name]) / many * 1e3 for name, cpu in _shares(stack).items()}


def _shares(stack: Stack) -> dict[str, float]:
    return {name: cpu_seconds([psutil.Process(stack.processes[name].pid)]) for name in OURS}


async def _round(client: Client, stack: Stack, people: list[Person]) -> Sample:
    processes, stories = our_processes(stack), [partial(client.sign_in, person) for person in people]
    return (await timed_side_by_side(stories, AT_ONCE, lambda: cpu_seconds(processes)))[0]
