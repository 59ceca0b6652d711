"""A person has lost their phone, or somebody else has it: an operator resets their factors."""

from dataclasses import dataclass

from chassis.clock import Clock
from services.auth.model.events import Event, What
from services.auth.model.operating import FactorsReset
from services.auth.model.session import End
from services.auth.model.user import User
from services.auth.ports import Announcer, Events
from services.auth.ports_of_operators import Roll, Twofactor


@dataclass(frozen=True)
class ResetFactors:
    """The factors first: whoever signed in with one before it went is signed out after it. Doing it twice is once."""

    twofactor: Twofactor
    roll: Roll
    announcer: Announcer
    events: Events
    clock: Clock

    async def __call__(self, user: User, reason: str) -> FactorsReset:
        """With the code they sign in once, and set up a phone.

        Raises `TwofactorAway`, `NotDone`, and then nothing has changed.
        """
        factors, code = await self.twofactor.reset(user, reason)
        async with self.events.together():
            ended = await self.roll.sign_out(user.id, End.FACTORS_RESET, self.clock())
            await self.events.record(Event(What.FACTORS_RESET, user=user.id, reason=reason))
        self.announcer.soon()
        return FactorsReset(factors, ended, code)
