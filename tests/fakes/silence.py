"""A Valkey that keeps its connections and answers nobody: for as long as a test looks, and no longer."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis


@asynccontextmanager
async def silent(valkey_url: str) -> AsyncIterator[None]:
    """The process is stopped, not ended: what was sent to it meanwhile it answers afterwards."""
    async with Redis.from_url(valkey_url) as client:
        process = int((await client.info("server"))["process_id"])
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)
