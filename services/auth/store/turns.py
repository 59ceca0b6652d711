"""Who asks for one thing, an account or for a network, takes turns within this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.auth.model.errors import Overloaded


@dataclass
class _Gate:
    passing: asyncio.Semaphore
    present: int = 0


class InProcessTurns:
    """Implements `Turns`: `at_once` pass, `queue` wait in order. Nothing is kept of what nobody asks for."""

    def __init__(self, at_once: int, queue: int) -> None:
        self.at_once, self.queue = at_once, queue
        self.gates: dict[str, _Gate] = {}

    @asynccontextmanager
    async def turn(self, owner: str) -> AsyncIterator[None]:
        gate = self.gates.setdefault(owner, _Gate(asyncio.Semaphore(self.at_once)))
        if gate.present >= self.at_once + self.queue:
            raise Overloaded
        gate.present += 1
        try:
            async with gate.passing:
                yield
        finally:
            gate.present -= 1
            if not gate.present:
                del self.gates[owner]
