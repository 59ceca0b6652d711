"""Logins of this person that were begun until now lead nowhere: an operator's word, or "it was not me"."""

from dataclasses import dataclass

from chassis.clock import Clock
from services.twofactor.flows.advance import Advance
from services.twofactor.model.challenge import Challenge, Event
from services.twofactor.model.errors import ChallengeClosed, ChallengeUnknown
from services.twofactor.model.events import AuditEvent, What
from services.twofactor.ports import Challenges, Events
from services.twofactor.ports_of_operators import Logins

CANCELLED = "operator_cancelled"
DISAVOWED = "disavowed"


@dataclass(frozen=True)
class VoidLogins:
    """Said first, then what is open is cancelled: what slips in between is refused when its receipt is asked for."""

    logins: Logins
    challenges: Challenges
    advance: Advance
    events: Events
    clock: Clock

    async def __call__(self, user: str, reason: str) -> None:
        """An operator's, in their words; doing it twice is once."""
        await self.events.record(AuditEvent(What.LOGINS_VOIDED, user=user, reason=reason))
        await self._void(user, CANCELLED)

    async def disavowed(self, user: str, denied: str) -> None:
        """The person's own, who knows of none of them; `denied` is the challenge that said so, and ends by itself."""
        await self._void(user, DISAVOWED, besides=denied)

    async def _void(self, user: str, reason: str, besides: str = "") -> None:
        await self.logins.void(user, self.clock())
        for challenge in await self.latest_of(user):
            if challenge.status.is_pending and challenge.id != besides:
                await self.cancel(challenge, reason)

    async def latest_of(self, user: str) -> list[Challenge]:
        """The newest challenge of each login of this person that is under way, as of now."""
        found = [await self.challenges.latest(login) for login in await self.logins.of_user(user, self.clock())]
        return [await self.advance.settled(each) for each in found if each is not None and each.user == user]

    async def cancel(self, challenge: Challenge, reason: str = CANCELLED) -> bool:
        """Whether it could be: what was decided meanwhile stays decided."""
        try:
            await self.advance(challenge, Event.PERSON_CANCELS, reason=reason)
        except (ChallengeClosed, ChallengeUnknown):
            return False
        return True
