"""Bar 6: what a system costs that does nothing, what a pending challenge costs, and how long a start takes."""

import asyncio
import secrets
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import psutil
from redis.asyncio import Redis

from bench.people import OURS
from bench.processes import ROOT, NotReady, resident
from bench.rounds import Findings, Plan, Tell, Verdict
from chassis.clock import system_clock
from services.twofactor.model.challenge import BINDING_TRIES, Challenge, first_status
from services.twofactor.model.channel import Channel
from services.twofactor.model.context import Context
from services.twofactor.store.challenges import ValkeyChallenges
from tools.devstack.engines import start_valkey
from tools.devstack.free_port import free_port

MOST_MIB, MOST_BYTES, MOST_SECONDS = 90.0, 500.0, 10.0
SETTLED_SECONDS = 2.0


def count(_plan: Plan) -> int:
    """Steps of the progress bar."""
    return 3


def run(plan: Plan, tell: Tell) -> Findings:
    """`make up` as people type it, with nothing in it."""
    tell("start")
    with _up() as (process, ready):
        tell("at rest")
        time.sleep(SETTLED_SECONDS)
        memory = {name: resident(found) / 2**20 for name, found in _ours(process).items()}
    tell("pending challenges")
    size = asyncio.run(_bytes_a_challenge(20 if plan.is_quick else 1000))
    verdicts = [
        *(Verdict(6, f"{name} at rest", value, MOST_MIB, "MiB", is_most=True) for name, value in memory.items()),
        Verdict(6, "a pending challenge in Valkey", size, MOST_BYTES, "bytes", is_most=True),
        Verdict(6, "started, on a new folder", ready, MOST_SECONDS, "s", is_most=True),
    ]
    notes = [
        "memory is resident memory, shared libraries included",
        "from `make up` to its word that it is ready; a challenge is a push that was sent and wants its number back",
    ]
    return Findings("rest", [], verdicts, notes)


@contextmanager
def _up() -> Iterator[tuple[psutil.Process, float]]:
    """The command, and the seconds until it said that it was ready. Raises `NotReady`."""
    with TemporaryDirectory(prefix="cs-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        places = [f"PORT={free_port()}", f"SIMULATOR_PORT={free_port()}", f"DATA={folder}/data"]
        began = time.perf_counter()
        process = subprocess.Popen(
            ["make", "up", *places], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            said = list(_until_ready(process.stdout or ()))
            if not said[-1:] or not said[-1].startswith("ready"):
                raise NotReady("".join(said))
            yield psutil.Process(process.pid), time.perf_counter() - began
        finally:
            # Not SIGINT: make takes it that what it started has had that, too.
            process.terminate()
            process.communicate()


def _until_ready(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if line.startswith("ready"):
            return


def _ours(process: psutil.Process) -> dict[str, psutil.Process]:
    """The product's processes among those that it started."""
    found = {tuple(each.cmdline()[1:3]): each for each in process.children(recursive=True)}
    return {name: found["-m", name if name == "gateway" else f"services.{name}"] for name in OURS}


async def _bytes_a_challenge(many: int) -> float:
    """In a Valkey of its own, where one may ask: the challenge and its login's entry."""
    with TemporaryDirectory(prefix="cs-bench-", ignore_cleanup_errors=True) as folder:
        server = start_valkey(Path(folder), durable=False)
        try:
            async with Redis.from_url(f"redis://127.0.0.1:{server.port}/0") as store:
                challenges = ValkeyChallenges(store)
                for _ in range(many):
                    challenge = _pending()
                    await challenges.open(challenge, at_most=5)
                    await challenges.bind(challenge, _uuid())
                sizes = [await store.memory_usage(key) or 0 async for key in store.scan_iter(count=1000)]
        finally:
            server.stop()
    return sum(sizes) / many


def _pending() -> Challenge:
    now = system_clock()
    login, user, partial = _uuid(), _uuid(), _uuid()
    return Challenge(
        id=_uuid(),
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
        tries_left=BINDING_TRIES,
        status=first_status(Channel.PUSH, bound=True),
        bound=True,
    )


def _uuid() -> str:
    return str(UUID(bytes=secrets.token_bytes(16), version=4))
