"""Slow arithmetic stays bounded, whatever callers do."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import AsyncIterator

import pytest

from services.auth.crypto.hash_pool import NICE, HashPool
from services.auth.model.errors import Overloaded


class Gate:
    """A job that runs until it is let go."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.running = 0

    def __call__(self) -> str:
        self.running += 1
        assert self.open.wait(10)
        return "done"


@pytest.fixture
async def pool() -> AsyncIterator[HashPool]:
    pool = HashPool(workers=1, queue=2)
    yield pool
    pool.close()


async def work(pool: HashPool, job: Gate) -> str:
    async with pool.place():
        return await pool.run(job)


async def until(condition: object) -> None:
    for _ in range(500):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.01)
    pytest.fail("did not happen")


async def test_past_the_bound_the_answer_is_at_once(pool: HashPool) -> None:
    gate = Gate()
    tasks = [asyncio.create_task(work(pool, gate)) for _ in range(3)]
    await until(lambda: gate.running == 1)
    began = time.perf_counter()
    for _ in range(50):
        with pytest.raises(Overloaded) as refused:
            await work(pool, gate)
    assert refused.value.retry_after == 1
    assert time.perf_counter() - began < 0.5
    gate.open.set()
    assert await asyncio.gather(*tasks) == ["done"] * 3
    assert pool.taken == 0


async def test_the_loop_goes_on_while_a_hash_is_computed(pool: HashPool) -> None:
    gate = Gate()
    task = asyncio.create_task(work(pool, gate))
    await until(lambda: gate.running == 1)
    await asyncio.sleep(0)
    gate.open.set()
    assert await task == "done"


async def test_a_caller_who_hangs_up_while_waiting_leaves_his_place_to_others(pool: HashPool) -> None:
    gate = Gate()
    tasks = [asyncio.create_task(work(pool, gate)) for _ in range(3)]
    await until(lambda: gate.running == 1)
    for waiting in tasks[1:]:
        waiting.cancel()
    await asyncio.gather(*tasks[1:], return_exceptions=True)
    assert pool.taken == 1
    gate.open.set()
    await tasks[0]
    assert (pool.taken, gate.running) == (0, 1)


async def test_a_caller_who_hangs_up_keeps_his_place_while_the_thread_works_for_him(pool: HashPool) -> None:
    gate = Gate()
    task = asyncio.create_task(work(pool, gate))
    await until(lambda: gate.running == 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert pool.taken == 1
    gate.open.set()
    await until(lambda: pool.taken == 0)


async def test_a_job_that_fails_gives_its_place_back(pool: HashPool) -> None:
    def fail() -> None:
        raise RuntimeError

    for _ in range(5):
        with pytest.raises(RuntimeError):
            async with pool.place():
                await pool.run(fail)
    assert pool.taken == 0


async def test_a_sandbox_that_forbids_it_does_not_stop_anybody_from_signing_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", forbid)
    monkeypatch.setattr(os, "setpriority", forbid)
    pool = HashPool(workers=1, queue=0)
    async with pool.place():
        assert await pool.run(lambda: "done") == "done"
    pool.close()


@pytest.mark.skipif(sys.platform != "linux", reason="priorities of threads are Linux's")
async def test_hashing_steps_back_behind_everything_else(pool: HashPool) -> None:
    def priority() -> tuple[int, int]:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), os.sched_getscheduler(0)

    assert await pool.run(priority) == (NICE, os.SCHED_BATCH)
    assert os.getpriority(os.PRIO_PROCESS, 0) < NICE
