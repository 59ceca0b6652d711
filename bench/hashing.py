"""Bars 3 and 4: with the real hash, logins go as fast as Argon2 lets them, and nobody else waits for it."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import get_context

from argon2 import PasswordHasher, Type

from bench.load import Load, cycle, get
from bench.people import Client, NotAsExpected, Person, client_session, our_processes, side_by_side, system
from bench.placing import aside, hold, hold_this_thread, placement
from bench.processes import cpu_seconds
from bench.rounds import Findings, Plan, Row, Sample, Tell, Verdict, ratio
from services.auth.crypto.hash_pool import step_back
from tools.devstack.stack import Stack

PEOPLE = 16
CHECKS_A_SECOND = 200.0
OWASP = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


def count(plan: Plan) -> int:
    """Steps of the progress bar."""
    return 2 + 4 * plan.rounds


def run(plan: Plan, tell: Tell) -> Findings:
    """In turn: Argon2 alone, logins alone, checks alone, and checks beside logins."""
    placed = placement()
    settings = {"FORWARD_AUTH_PROXIES": "127.0.0.0/8", "HASH_WORKERS": str(len(placed.ours))}
    with aside(placed), system(settings) as stack:
        for process in our_processes(stack):
            hold(process.pid, placed.ours)
        alone, logins, idle, busy = rows = asyncio.run(_rounds(stack, placed.ours, plan, tell))
    waits = sorted(b.p99_ms / i.p99_ms for i, b in zip(idle.samples, busy.samples, strict=True))
    verdicts = [
        Verdict(3, "password logins a second / hashes a second of Argon2 alone", ratio(logins, alone), 0.8),
        Verdict(4, "p99 of checks while logins fill the pool / idle", waits[len(waits) // 2], 2.5, is_most=True),
    ]
    notes = [
        f"Argon2id m=19 MiB t=2 p=1; {CHECKS_A_SECOND:.0f} checks a second",
        f"{placed.told}; Argon2 alone is held to the product's",
    ]
    return Findings("hash", rows, verdicts, notes)


async def _rounds(stack: Stack, cores: frozenset[int], plan: Plan, tell: Tell) -> list[Row]:
    names = ("Argon2 alone", "password logins", "checks, idle", "checks, pool full")
    alone, logins, idle, busy = rows = [Row(name) for name in names]
    # Whoever asks for checks does nothing else: beside those who sign in it would measure how busy it is itself.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_come_first) as asker:
        async with client_session() as http:
            client = Client(http, stack.url)
            tell("people register")
            people = await side_by_side([client.register] * PEOPLE, 2)
            checks = partial(_ask, stack.url, await _question(client, people[0]))
            tell("warm-up")
            await _in(asker, partial(checks, plan.warm_up))
            for number in range(1, plan.rounds + 1):
                tell(f"Argon2 alone, round {number}")
                alone.samples.append(await asyncio.to_thread(_hash_alone, cores, plan.seconds))
                tell(f"logins, round {number}")
                logins.samples.append(await _logins(client, people, stack, plan.seconds))
                tell(f"checks, round {number}")
                idle.samples.append(await _in(asker, partial(checks, plan.seconds)))
                tell(f"checks and logins, round {number}")
                asked = _in(asker, partial(checks, plan.seconds))
                _, checked = await asyncio.gather(_logins(client, people, stack, plan.seconds), asked)
                busy.samples.append(checked)
    return list(rows)


async def _in(asker: ProcessPoolExecutor, work: Callable[[], Sample]) -> Sample:
    return await asyncio.get_running_loop().run_in_executor(asker, work)


async def _question(client: Client, person: Person) -> bytes:
    token = (await client.sign_in(person))["access_token"]
    said = {"Method": "GET", "URI": "/demo/x", "Host": "app.example", "Proto": "https"}
    headers = {"Authorization": f"Bearer {token}", **{f"X-Original-{name}": value for name, value in said.items()}}
    return get("/authz/auth-request", headers)


def _come_first() -> None:
    """Where that is allowed: a wait for the core that drivers and stores share is none of the product's."""
    if sys.platform == "linux":
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, -10)


def _ask(url: str, question: bytes, seconds: float) -> Sample:
    """In a process of its own."""
    load = Load(url, cycle([question]), connections=8, rate=CHECKS_A_SECOND)
    tally = asyncio.run(load.run(seconds))
    return Sample(tally.answered / seconds, 0, tally.percentile(0.5) * 1e3, tally.percentile(0.99) * 1e3)


async def _logins(client: Client, people: list[Person], stack: Stack, seconds: float) -> Sample:
    """Everybody signs in again and again, with one person at a time each."""
    processes, done, until = our_processes(stack), [0], time.perf_counter() + seconds
    cpu, began = cpu_seconds(processes), time.perf_counter()

    async def again(person: Person) -> None:
        while time.perf_counter() < until:
            # 503: the queue is full, which is what it is for.
            with suppress(NotAsExpected):
                await client.password(person)
                done[0] += 1

    await asyncio.gather(*(again(person) for person in people))
    took, cpu = time.perf_counter() - began, cpu_seconds(processes) - cpu
    return Sample(done[0] / took, cpu / max(1, done[0]) * 1e6, float("nan"), float("nan"))


def _hash_alone(cores: frozenset[int], seconds: float) -> Sample:
    kept, done, until = OWASP.hash("correct horse"), [0], time.perf_counter() + seconds

    def begin() -> None:
        # At the priority of the product's own threads, so that whoever else uses the machine takes as much from both.
        hold_this_thread(cores)
        step_back()

    def work(_number: int) -> None:
        while time.perf_counter() < until:
            OWASP.verify(kept, "correct horse")
            done[0] += 1

    began = time.perf_counter()
    with ThreadPoolExecutor(len(cores), initializer=begin) as pool:
        list(pool.map(work, range(len(cores))))
    took = time.perf_counter() - began
    return Sample(done[0] / took, took * len(cores) / done[0] * 1e6, float("nan"), float("nan"))
