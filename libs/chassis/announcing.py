"""An outbox's own beat: what is to be told is told at once, and tried again every second if it could not be."""

import asyncio
from contextlib import suppress

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
