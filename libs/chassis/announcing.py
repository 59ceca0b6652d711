"""An outbox's own beat: what is to be told is told at once, and tried again every second if it could not be."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

log = structlog.get_logger()
BEAT_SECONDS = 1.0


class Bell:
    """Whoever has written something down rings, and does not wait for those who are told."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    def soon(self) -> None:
        """There is something to tell."""
        self.rung.set()

    async def wait(self) -> None:
        """Until it rings, or for one beat: another process may have died between the writing and the telling."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.rung.wait(), BEAT_SECONDS)
        self.rung.clear()


async def keep_announcing(announce: Callable[[], Awaitable[None]], bell: Bell, failure: str) -> None:
    """Goes on until it is cancelled; `failure` is the event that is logged. The next process tells what is left."""
    is_away = False
    while True:
        try:
            await announce()
            is_away = False
        except Exception as fault:  # noqa: BLE001 nothing is lost, all of it is tried again at the next beat
            # Said once: what is away stays away for more than a beat.
            if not is_away:
                log.warning(failure, kind=type(fault).__name__)
            is_away = True
        await bell.wait()


async def stopped(task: asyncio.Task[None]) -> None:
    """Cancels a task until it is done."""
    # More than once: a cancellation that meets an answer of Valkey on its way is lost in the client's own timeout.
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.2)
