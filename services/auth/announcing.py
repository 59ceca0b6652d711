"""The feed's own beat: ended sessions are told at once, and what could not be told is tried again every second."""

import asyncio
from contextlib import suppress

import structlog

from services.auth.flows.announce import Announce

log = structlog.get_logger()
BEAT_SECONDS = 1.0


class Bell:
    """Implements `Announcer`: whoever ended a session rings, and does not wait for those who are told."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    def soon(self) -> None:
        self.rung.set()

    async def wait(self) -> None:
        """Until it rings, or for one beat: another process may have died between the end and the telling."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.rung.wait(), BEAT_SECONDS)
        self.rung.clear()


async def keep_announcing(announce: Announce, bell: Bell) -> None:
    """Goes on until it is cancelled. What is left to tell when the process goes is told by the next one."""
    is_away = False
    while True:
        try:
            await announce()
            is_away = False
        except Exception as fault:  # noqa: BLE001 nothing is lost, all of it is tried again at the next beat
            # Said once: what is away stays away for more than a beat.
            if not is_away:
                log.warning("ended_sessions_not_announced", kind=type(fault).__name__)
            is_away = True
        await bell.wait()
