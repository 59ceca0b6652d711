"""Work beside answers: it goes on while a process serves, whatever fails, and ends with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog

log = structlog.get_logger()
Pause = Callable[[], Awaitable[object]]


@asynccontextmanager
async def beside(*stories: Coroutine[Any, Any, Any]) -> AsyncIterator[None]:
    """All of them, until the block ends."""
    tasks = [asyncio.create_task(story) for story in stories]
    try:
        yield
    finally:
        await stopped(*tasks)


async def stopped(*tasks: asyncio.Task[Any]) -> None:
    """Cancels tasks until all are done."""
    # More than once: a cancellation that meets an answer of Valkey on its way is lost in the client's own timeout.
    while unfinished := [task for task in tasks if not task.done()]:
        for task in unfinished:
            task.cancel()
        await asyncio.wait(unfinished, timeout=0.2)


async def repeated(work: Callable[[], Awaitable[object]], pause: Pause, failure: str) -> None:
    """Until it is cancelled. `failure` is the event that is logged; what failed is tried again after the pause."""
    is_away = False
    while True:
        try:
            await work()
            is_away = False
        except Exception as fault:  # noqa: BLE001 tried again, whatever it was
            # Said once: what is away stays away for more than a beat.
            if not is_away:
                log.warning(failure, kind=type(fault).__name__)
            is_away = True
        await pause()


async def repeated_later(work: Callable[[], Awaitable[object]], seconds: float, failure: str) -> None:
    """The same for what has just been done: a pause comes first."""
    await asyncio.sleep(seconds)
    await repeated(work, every(seconds), failure)


def every(seconds: float) -> Pause:
    """So long a pause."""
    return partial(asyncio.sleep, seconds)
