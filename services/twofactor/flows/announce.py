"""Disavowals are told to auth: after they were written down, at least once, however often a process dies."""

from dataclasses import dataclass, field

from chassis.clock import Clock
from services.twofactor.model.disavowal import TOLD_AGAIN
from services.twofactor.ports_of_pushes import DisavowalFeed, Disavowals, DisavowalSigner


@dataclass
class Announce:
    """Signs each anew when it is told, so that a statement's own life begins then."""

    disavowals: Disavowals
    signer: DisavowalSigner
    feed: DisavowalFeed
    clock: Clock
    known_life: str = field(default="", init=False)

    async def __call__(self) -> None:
        """Empties the outbox into the feed; raises the driver's error, and then nothing is forgotten."""
        await self._repeat_what_a_store_may_have_lost()
        while True:
            async with self.disavowals.take(self.clock()) as said:
                if said:
                    await self.feed.add([self.signer.sign(each) for each in said])
            if not said:
                return

    async def _repeat_what_a_store_may_have_lost(self) -> None:
        # After a crash the feed may lack its last second, and one that was replaced lacks everything. Told twice is
        # heard once: auth knows each by its id.
        life = await self.feed.life()
        if life != self.known_life:
            await self.disavowals.repeat(self.clock() - TOLD_AGAIN)
            self.known_life = life
