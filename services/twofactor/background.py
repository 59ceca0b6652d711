"""Work beside answers: bounded, logged, and gone with the process."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import structlog
from aiohttp import web

log = structlog.get_logger()
AT_MOST = 100


class Tasks:
    """Implements `ports.Background`."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def __call__(self, work: Coroutine[Any, Any, None]) -> None:
        """Starts it; its failures are logged, and too much of it is dropped: whoever waits will ask again."""
        if len(self._running) >= AT_MOST:
            work.close()
            return
        task = asyncio.create_task(_logged(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def settle(self) -> None:
        """Waits for all that is under way."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def ctx(self, _app: web.Application) -> AsyncIterator[None]:
        """For `cleanup_ctx`: nothing outlives the stores it uses."""
        yield
        for task in self._running:
            task.cancel()
        await self.settle()


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception as fault:  # noqa: BLE001 nobody waits for it, so nobody else would hear of it
        log.warning("background_failed", kind=type(fault).__name__)
