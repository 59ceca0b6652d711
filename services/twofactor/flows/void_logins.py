"""An operator's word: logins of this person that were begun until now lead nowhere."""

from dataclasses import dataclass

from chassis.clock import Clock
from services.twofactor.flows.advance import Advance
from services.twofactor.model.challenge import Challenge, Event
from services.twofactor.model.errors import ChallengeClosed, ChallengeUnknown
from services.twofactor.model.events import AuditEvent, What
from services.twofactor.ports import Challenges, Events
from services.twofactor.ports_of_operators import Logins

CANCELLED = "operator_cancelled"


@dataclass(frozen=True)
class VoidLogins:
    """Said first, then what is open is cancelled: what slips in between is refused when its receipt is asked for."""

    logins: Logins
    challenges: Challenges
    advance: Advance
    events: Events
    clock: Clock

    async def __call__(self, user: str, reason: str) -> None:
        """Doing it twice is once."""
        await self.events.record(AuditEvent(What.LOGINS_VOIDED, user=user, reason=reason))
        await self.logins.void(user, self.clock())
        for challenge in await self.latest_of(user):
            if challenge.status.is_pending:
                await self.cancel(challenge)

    async def latest_of(self, user: str) -> list[Challenge]:
        """The newest challenge of each login of this person that is under way, as of now."""
        found = [await self.challenges.latest(login) for login in await self.logins.of_user(user, self.clock())]
        return [await self.advance.settled(each) for each in found if each is not None and each.user == user]

    async def cancel(self, challenge: Challenge) -> bool:
        """Whether it could be: what was decided meanwhile stays decided."""
        try:
            await self.advance(challenge, Event.PERSON_CANCELS, reason=CANCELLED)
        except (ChallengeClosed, ChallengeUnknown):
            return False
        return True
