"""Ended sessions are told to everybody who listens: after they ended, at least once, however often a process dies."""

from dataclasses import dataclass, field
from datetime import timedelta

from chassis.clock import Clock
from services.auth.ports_of_ended import Feed, Outbox


@dataclass
class Announce:
    """`token_life`: the longest life of an access token. What ended longer ago concerns nobody any more."""

    outbox: Outbox
    feed: Feed
    token_life: timedelta
    clock: Clock
    known_life: str = field(default="", init=False)

    async def __call__(self) -> None:
        """Empties the outbox into the feed; raises the driver's error, and then nothing is forgotten."""
        await self._repeat_what_a_store_may_have_lost()
        while True:
            async with self.outbox.take(self.clock()) as ended:
                recent = [each for each in ended if each.at > self.clock() - self.token_life]
                if recent:
                    await self.feed.add(recent)
            if not ended:
                return

    async def _repeat_what_a_store_may_have_lost(self) -> None:
        # After a crash the feed may lack its last second, and one that was replaced lacks everything. Every process
        # looks for itself: only who told something knows when it was written down as told.
        life = await self.feed.life()
        if life != self.known_life:
            await self.outbox.repeat(self.clock() - self.token_life)
            self.known_life = life
