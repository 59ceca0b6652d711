"""Several processes on one port: one that dies is missed by nobody but those whom it was answering."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from aiohttp import ClientError, ClientSession, TCPConnector

ROOT = Path(__file__).resolve().parents[3]
SERVICE = """
import asyncio, os
from aiohttp import web
from chassis.process import create_app, run
from chassis.settings import ProcessSettings, load

async def who(request):
    await asyncio.sleep(float(request.query.get("seconds", 0)))
    return web.Response(text=str(os.getpid()))

app = create_app([])
app.router.add_get("/who", who)
run(app, load(ProcessSettings), "tea")
"""


@pytest.fixture
def service(free_port: Callable[[], int]) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    port = free_port()
    settings = {"PORT": str(port), "PUBLIC_URL": "http://tea.test", "WORKERS": "2", "METRICS_PORT": "0"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "libs")}
    environment.update({f"COUNTERSIGN_{name}": value for name, value in settings.items()})
    process = subprocess.Popen([sys.executable, "-c", SERVICE], env=environment)
    yield f"http://127.0.0.1:{port}/who", process
    process.kill()
    process.wait()


async def ask(url: str) -> int:
    """Which process answers a new connection."""
    async with ClientSession(connector=TCPConnector(force_close=True)) as http, http.get(url) as answer:
        return int(await answer.text())


async def all_of(url: str, count: int, without: int = 0) -> set[int]:
    """Asks until so many processes have answered, and not that one."""
    found: set[int] = set()
    async with asyncio.timeout(30):
        while len(found) < count:
            try:
                found.add(await ask(url))
            except ClientError:
                await asyncio.sleep(0.02)
            found.discard(without)
    return found


async def test_a_worker_that_is_killed_under_load_is_followed_by_another(
    service: tuple[str, "subprocess.Popen[bytes]"],
) -> None:
    url, master = service
    before = await all_of(url, 2)
    assert master.pid not in before
    victim, other = sorted(before)
    answers: list[int | None] = []

    async def load() -> None:
        for _ in range(60):
            try:
                answers.append(await ask(url))
            except ClientError:
                answers.append(None)

    async def kill() -> None:
        await asyncio.sleep(0)
        os.kill(victim, signal.SIGKILL)

    await asyncio.gather(load(), load(), load(), kill())
    after = await all_of(url, 2, without=victim)
    assert other in after
    assert victim not in after
    # Lost is what the killed one had taken and not answered: a handful of 180.
    assert answers.count(None) < 30
    assert answers.count(other) > 60


async def test_told_to_stop_it_finishes_what_it_has_begun_and_leaves_nobody_behind(
    service: tuple[str, "subprocess.Popen[bytes]"],
) -> None:
    url, master = service
    workers = await all_of(url, 2)
    slow = asyncio.create_task(ask(f"{url}?seconds=0.5"))
    await asyncio.sleep(0.2)
    master.send_signal(signal.SIGTERM)
    assert await slow in workers
    assert await asyncio.to_thread(master.wait, 20) == 0
    assert not any(psutil.pid_exists(pid) for pid in workers)


async def test_workers_do_not_outlive_a_master_that_is_killed(
    service: tuple[str, "subprocess.Popen[bytes]"],
) -> None:
    url, master = service
    workers = await all_of(url, 2)
    master.kill()
    async with asyncio.timeout(20):
        while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in workers):
            await asyncio.sleep(0.05)


def test_what_never_starts_is_given_up(free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "from chassis import workers\n"
        "workers.BACK_OFF = (0.01,)\n"
        "workers.divide(2, 1)\n"
        "raise SystemExit(3)\n"
    )  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "libs")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=30, check=False)
    assert done.returncode == 3
    assert done.stdout.count(b"worker_died") >= 6


WAITS = """
import asyncio
from chassis.process import create_app, run
from chassis.settings import ProcessSettings, load

async def never(app):
    print("starting", flush=True)
    await asyncio.sleep(60)
    yield

app = create_app([])
app.cleanup_ctx.append(never)
run(app, load(ProcessSettings), "tea")
"""


def test_a_start_that_waits_for_a_store_can_be_stopped(free_port: Callable[[], int]) -> None:
    settings = {"PORT": str(free_port()), "PUBLIC_URL": "http://tea.test", "METRICS_PORT": "0"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "libs")}
    environment.update({f"COUNTERSIGN_{name}": value for name, value in settings.items()})
    process = subprocess.Popen([sys.executable, "-c", WAITS], env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"starting\n"
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()
