"""Bar 6: what a system costs that does nothing, what a pending challenge costs, and how long a start takes."""

import asyncio
import secrets
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import psutil
from redis.asyncio import Redis

from bench.people import CHEAP_HASH, OURS, system
from bench.processes import resident
from bench.rounds import Findings, Plan, Tell, Verdict
from chassis.clock import system_clock
from services.twofactor.model.challenge import Challenge, first_status
from services.twofactor.model.channel import Channel
from services.twofactor.model.context import Context
from services.twofactor.store.challenges import ValkeyChallenges
from tools.devstack.engines import start_valkey

MOST_MIB, MOST_BYTES, MOST_SECONDS = 90.0, 500.0, 10.0
SETTLED_SECONDS = 2.0


def count(_plan: Plan) -> int:
    """Steps of the progress bar."""
    return 3


def run(plan: Plan, tell: Tell) -> Findings:
    """As `make up` starts it, with nothing in it."""
    tell("start")
    began = time.perf_counter()
    with system(CHEAP_HASH) as stack:
        ready = time.perf_counter() - began
        tell("at rest")
        time.sleep(SETTLED_SECONDS)
        memory = {name: resident(psutil.Process(stack.processes[name].pid)) / 2**20 for name in OURS}
        tell("pending challenges")
        size = asyncio.run(_bytes_a_challenge(20 if plan.is_quick else 1000))
    verdicts = [
        *(Verdict(6, f"{name} at rest", value, MOST_MIB, "MiB", is_most=True) for name, value in memory.items()),
        Verdict(6, "a pending challenge in Valkey", size, MOST_BYTES, "bytes", is_most=True),
        Verdict(6, "started, on a new folder", ready, MOST_SECONDS, "s", is_most=True),
    ]
    return Findings("rest", [], verdicts, ["memory is resident memory, shared libraries included"])


async def _bytes_a_challenge(many: int) -> float:
    """In a Valkey of its own, where one may ask: the challenge and its login's entry."""
    with TemporaryDirectory(prefix="cs-bench-", ignore_cleanup_errors=True) as folder:
        server = start_valkey(Path(folder), durable=False)
        try:
            async with Redis.from_url(f"redis://127.0.0.1:{server.port}/0") as store:
                challenges = ValkeyChallenges(store)
                for _ in range(many):
                    await challenges.open(_pending(), at_most=5)
                sizes = [await store.memory_usage(key) or 0 async for key in store.scan_iter(count=1000)]
        finally:
            server.stop()
    return sum(sizes) / many


def _pending() -> Challenge:
    now = system_clock()
    login, user, partial = (str(UUID(bytes=secrets.token_bytes(16), version=4)) for _ in range(3))
    return Challenge(
        id=str(UUID(bytes=secrets.token_bytes(16), version=4)),
        login=login,
        partial_id=partial,
        user=user,
        enrolment=user,
        account="28894864",
        channel=Channel.PUSH,
        name="+44 ... 23",
        context=Context("Chrome on Windows", "203.0.113.177"),
        created_at=now,
        updated_at=now,
        expires_at=now + timedelta(seconds=120),
        login_ends_at=now + timedelta(seconds=290),
        tries_left=5,
        status=first_status(Channel.PUSH, bound=False),
    )
