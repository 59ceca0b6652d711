"""An operator keeps a person out, and lets them in again."""

from dataclasses import dataclass

from chassis.clock import Clock
from services.auth.model.events import Event, What
from services.auth.model.operating import NotDone, ShutOut
from services.auth.model.session import End
from services.auth.model.user import User
from services.auth.ports import Announcer, Events
from services.auth.ports_of_operators import Roll, Twofactor, TwofactorAway


@dataclass(frozen=True)
class ShutOutUser:
    """Here first, in one transaction: from then on no password, partial token or refresh token of theirs does anything.

    twofactor hears of it afterwards. What it does not hear costs a push to the person's own phone, and opens nothing.
    """

    roll: Roll
    twofactor: Twofactor
    announcer: Announcer
    events: Events
    clock: Clock

    async def disable(self, user: User, reason: str) -> ShutOut:
        """Doing it twice ends what is left, and keeps the time of the first."""
        async with self.events.together():
            ended = await self.roll.disable(user.id, self.clock())
            await self.events.record(Event(What.USER_DISABLED, user=user.id, reason=reason))
        self.announcer.soon()
        return ShutOut(ended, await self._is_void_everywhere(user, reason))

    async def enable(self, user: User, reason: str) -> None:
        """Raises `NotDone` for a person who is not disabled."""
        if user.disabled_at is None:
            raise NotDone(f"{user.email.address} is not disabled")
        async with self.events.together():
            await self.roll.enable(user.id)
            await self.events.record(Event(What.USER_ENABLED, user=user.id, reason=reason))

    async def sign_out(self, user: User) -> ShutOut:
        """Their sessions end everywhere, and logins that were begun; they may sign in anew."""
        async with self.events.together():
            ended = await self.roll.sign_out(user.id, End.OPERATOR, self.clock())
            await self.events.record(Event(What.SESSION_ENDED, user=user.id, reason=End.OPERATOR))
        self.announcer.soon()
        return ShutOut(ended, await self._is_void_everywhere(user, End.OPERATOR))

    async def _is_void_everywhere(self, user: User, reason: str) -> bool:
        try:
            await self.twofactor.void(user.id, reason)
        except (TwofactorAway, NotDone):
            return False
        return True
