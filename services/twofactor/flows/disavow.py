"""It was not me: no login under way leads anywhere, no push for a while, and auth, which is told, ends all sessions."""

from dataclasses import dataclass

from chassis.clock import Clock
from countersign import AccessToken
from services.twofactor.flows.pace_pushes import PacePushes
from services.twofactor.flows.void_logins import VoidLogins
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.disavowal import Disavowal, How
from services.twofactor.model.events import AuditEvent, What
from services.twofactor.ports import Events
from services.twofactor.ports_of_pushes import Announcer, Disavowals


@dataclass(frozen=True)
class Disavow:
    """Takes it from the phone (a denial) or from a page of somebody who is signed in.

    `denials_count`: whether a denial means it; an operator may say that it does not.
    """

    disavowals: Disavowals
    void: VoidLogins
    pushes: PacePushes
    announcer: Announcer
    events: Events
    clock: Clock
    denials_count: bool

    async def by_denial(self, challenge: Challenge) -> None:
        """The phone said no. Said again, as callbacks are, it is once."""
        if self.denials_count:
            await self._say(Disavowal(challenge.id, challenge.user, How.DENIED, challenge.login, self.clock()))

    async def by_session(self, session: AccessToken) -> None:
        """Whoever holds the session says it, once: a stolen token must not be able to say it for all of its life.

        No fresh confirmation is asked for. What follows shuts out nobody who has the phone, and who needs this is in
        a hurry.
        """
        await self._say(Disavowal(session.session, session.subject, How.SESSION, "", self.clock()))

    async def _say(self, said: Disavowal) -> None:
        if await self.disavowals.has(said.id):
            return
        # Before it is written down: if this process dies in between, it is said again, and both are done then. The
        # password is in other hands, and whoever has it may be waiting in a login of theirs for somebody to approve.
        await self.void.disavowed(said.user, denied=said.id)
        async with self.events.together():
            if not await self.disavowals.add(said):
                return
            await self.events.record(AuditEvent(What.DISAVOWED, said.user, said.login, reason=said.how.value))
        self.announcer.soon()
        await self.pushes.disavowed(said.user)
