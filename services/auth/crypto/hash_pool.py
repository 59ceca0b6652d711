"""Threads for slow arithmetic: few, of low priority, with a short queue, and no more.

Without a bound a burst of logins takes the memory (19 MiB a hash) and the patience of everybody behind it; with one,
who comes too late is told so at once. Low priority: the event loop, which answers all else, never waits.
"""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from services.auth.model.errors import Overloaded

T = TypeVar("T")
NICE = 19


class HashPool:
    """`workers` threads and `queue` places to wait in. Used from one event loop."""

    def __init__(self, workers: int, queue: int) -> None:
        self.places = workers + queue
        self.taken = self.refused = 0
        self.executor = ThreadPoolExecutor(workers, thread_name_prefix="hash", initializer=step_back)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for one request, given back when it leaves, or when the thread that still works for it is done."""
        if self.taken >= self.places:
            self.refused += 1
            raise Overloaded
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    async def run(self, job: Callable[[], T]) -> T:
        """The result of `job`, computed in a thread. Called inside a `place`."""
        future = self.executor.submit(job)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            self._hold_place_for(future)
            raise

    def close(self) -> None:
        """Lets running jobs end and starts no others."""
        self.executor.shutdown(wait=False, cancel_futures=True)

    def _hold_place_for(self, future: "Future[Any]") -> None:
        # The request is gone but its thread is not: without this, callers that hang up would lift the bound.
        if future.done():
            return
        self.taken += 1
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: _call_if_open(loop, self._give_back))

    def _give_back(self) -> None:
        self.taken -= 1


def _call_if_open(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(call)


def step_back() -> None:
    """Linux counts both per thread; elsewhere, or where it is forbidden, the pool's size alone keeps the loop free."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
