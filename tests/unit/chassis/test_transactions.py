"""A pool's end: whoever uses it finishes, and a server that says nothing more keeps nobody."""

import asyncio
from typing import Any

from chassis.transactions import JoiningPool


class SilentPool:
    """Says good-bye to its server, which does not answer."""

    def __init__(self) -> None:
        self.terminated = False

    async def close(self) -> None:
        await asyncio.Event().wait()

    def terminate(self) -> None:
        self.terminated = True


async def test_a_server_that_says_nothing_more_keeps_no_process_from_ending() -> None:
    silent: Any = SilentPool()
    await JoiningPool(silent, closes_within=0.01).close()
    assert silent.terminated
