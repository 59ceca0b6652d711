"""Who asks for one thing, an account or for a network, takes turns within this process."""

import asyncio
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

    def turn(self, owner: str) -> "_Turn":
        return _Turn(self, owner)

    def enter(self, owner: str) -> _Gate:
        """The gate to wait at, for `leave`; raises `Overloaded`."""
        gate = self.gates.get(owner)
        if gate is None:
            gate = self.gates[owner] = _Gate(asyncio.Semaphore(self.at_once))
        if gate.present >= self.at_once + self.queue:
            raise Overloaded
        gate.present += 1
        return gate

    def leave(self, owner: str, gate: _Gate) -> None:
        """The last one takes the gate along."""
        gate.present -= 1
        if not gate.present:
            del self.gates[owner]


class _Turn:
    """One, with `async with`; without a generator, for each sign-in takes two."""

    __slots__ = ("gate", "owner", "turns")
    gate: _Gate

    def __init__(self, turns: InProcessTurns, owner: str) -> None:
        self.turns, self.owner = turns, owner

    async def __aenter__(self) -> None:
        self.gate = self.turns.enter(self.owner)
        try:
            await self.gate.passing.acquire()
        except BaseException:
            self.turns.leave(self.owner, self.gate)
            raise

    async def __aexit__(self, *_: object) -> None:
        self.gate.passing.release()
        self.turns.leave(self.owner, self.gate)
