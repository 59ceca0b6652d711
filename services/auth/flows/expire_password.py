"""A password that somebody else knows or may know: at the next sign-in its owner chooses another."""

from dataclasses import dataclass

from chassis.clock import Clock
from services.auth.model.events import Event, What
from services.auth.model.user import User
from services.auth.ports import Announcer, Events
from services.auth.ports_of_operators import Roll


@dataclass(frozen=True)
class ExpirePassword:
    """The operator begins it and chooses nothing: whoever has the old one and the second factor does."""

    roll: Roll
    announcer: Announcer
    events: Events
    clock: Clock

    async def __call__(self, user: User, reason: str) -> int:
        """How many sessions ended; none opens with this password any more, whatever was approved before."""
        async with self.events.together():
            ended = await self.roll.expire_password(user.id, self.clock())
            await self.events.record(Event(What.PASSWORD_EXPIRED, user=user.id, reason=reason))
        self.announcer.soon()
        return ended
