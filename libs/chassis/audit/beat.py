"""Beside the requests: what came in is sealed every second, the chain's end signed every minute, months come and go.

Every process of a service does this; for each step one of them is let through by the database.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from aiohttp import web

from chassis.audit.chain import Chain
from chassis.audit.recorder import Recorder
from chassis.beside import beside, every, repeated
from chassis.clock import Clock
from chassis.keyring import KeyRing
from chassis.postgres import POOL

log = structlog.get_logger()
RECORDER: web.AppKey[Recorder] = web.AppKey("RECORDER", Recorder)
BEAT_SECONDS = 1.0
SIGN_EVERY = timedelta(minutes=1)
CLEAN_EVERY = timedelta(hours=1)
GOODBYE_SECONDS = 3.0


@dataclass(frozen=True)
class Keeping:
    """`days`: how long rows are kept, by whole months; `refusals_per_minute`: see `alike`."""

    days: int
    refusals_per_minute: int


@dataclass
class Beat:
    """One round of what is due."""

    recorder: Recorder
    chain: Chain
    keep: timedelta
    clock: Clock
    sign_at: datetime | None = None
    clean_at: datetime | None = None

    async def __call__(self) -> None:
        """Raises the driver's error; nothing is lost by that, the next beat does it."""
        await self.recorder.flush()
        await self.chain.seal()
        now = self.clock()
        if self.sign_at is None or now >= self.sign_at:
            await self.chain.sign_head(SIGN_EVERY)
            self.sign_at = now + SIGN_EVERY
        if self.clean_at is None or now >= self.clean_at:
            await self.chain.extend()
            await self.chain.expire(self.keep)
            self.clean_at = now + CLEAN_EVERY


def recorder_ctx(clock: Clock) -> Callable[[web.Application], AsyncIterator[None]]:
    """For `cleanup_ctx` of a command, after `postgres_ctx`: the recorder alone. Who serves seals what it wrote."""

    async def ctx(app: web.Application) -> AsyncIterator[None]:
        app[RECORDER] = Recorder(app[POOL], clock)
        yield
        await _say_goodbye(app[RECORDER])

    return ctx


def audit_ctx(
    ring: Callable[[web.Application], KeyRing], issuer: str, keeping: Keeping, clock: Clock
) -> Callable[[web.Application], AsyncIterator[None]]:
    """For `cleanup_ctx`, after `keys_ctx`: the recorder under `RECORDER`, and its beat."""

    async def ctx(app: web.Application) -> AsyncIterator[None]:
        recorder = Recorder(app[POOL], clock, refusals_per_minute=keeping.refusals_per_minute)
        app[RECORDER] = recorder
        beat = Beat(recorder, Chain(app[POOL], ring(app), issuer), timedelta(days=keeping.days), clock)
        async with beside(repeated(beat, every(BEAT_SECONDS), "audit_behind")):
            yield
        await _say_goodbye(recorder)

    return ctx


async def _say_goodbye(recorder: Recorder) -> None:
    try:
        await asyncio.wait_for(recorder.flush(all_of_them=True), GOODBYE_SECONDS)
    except Exception as fault:  # noqa: BLE001 the process goes, and its log has told of every one of them
        log.warning("audit_rows_lost", kind=type(fault).__name__)
