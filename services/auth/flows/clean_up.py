"""Forgets what nothing depends on any more, and makes room for what comes."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from services.auth.ports import Attic


@dataclass(frozen=True)
class CleanUp:
    """A session's row is also the record that its proofs are spent: it outlives the session, of `life`, by `keep`."""

    attic: Attic
    life: timedelta
    keep: timedelta
    clock: Clock

    async def make_room(self) -> None:
        """Before anybody signs in: a session needs a table that its time belongs to."""
        await self.attic.make_room(self.life)

    async def __call__(self) -> int:
        """One table after the other until none is left, or another process is at it; answers how many, with keys."""
        await self.make_room()
        dropped = 0
        before = self.clock() - self.keep
        while step := await self.attic.drop_some(before):
            dropped += step
        return dropped
