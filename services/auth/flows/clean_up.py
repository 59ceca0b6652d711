"""Forgets what nothing depends on any more."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from services.auth.ports import Attic


@dataclass(frozen=True)
class CleanUp:
    """A session's row is also the record that its proofs are spent: it outlives the session by `keep`."""

    attic: Attic
    keep: timedelta
    clock: Clock

    async def __call__(self) -> int:
        """Removes in small steps until nothing is left, or another process is at it; answers how many rows."""
        removed = 0
        before = self.clock() - self.keep
        while step := await self.attic.remove_some(before):
            removed += step
        return removed
