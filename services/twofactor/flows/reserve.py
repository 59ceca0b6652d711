"""The one place that a login has for an open challenge."""

from dataclasses import dataclass

from services.twofactor.flows.advance import Advance
from services.twofactor.model.challenge import Challenge, Status
from services.twofactor.model.errors import ChallengePending, LoginFinished
from services.twofactor.model.events import What, of_challenge
from services.twofactor.ports import Challenges, Events
from services.twofactor.ports_of_operators import Logins


@dataclass(frozen=True)
class Reserve:
    """Puts a challenge into its login's place, at most `at_most` times per login."""

    challenges: Challenges
    advance: Advance
    events: Events
    at_most: int
    logins: Logins

    async def __call__(self, challenge: Challenge) -> None:
        """Raises `ChallengePending`, `TooManyChallenges`, `LoginFinished`."""
        await self.unsaid(challenge)
        # Before anybody is asked: what reaches a phone is on record, whatever becomes of this process.
        await self.events.record(of_challenge(What.CHALLENGE_OPENED, challenge))

    async def unsaid(self, challenge: Challenge) -> None:
        """The same, and whoever asked says that it was opened."""
        try:
            await self._open(challenge)
        except ChallengePending:
            await self._settle(challenge.login)
            await self._open(challenge)

    async def _open(self, challenge: Challenge) -> None:
        # Noted before it stands, and only then (in a Cluster two servers say so): an operator finds what is open.
        await self.logins.note(challenge.user, challenge.login, challenge.login_ends_at, challenge.created_at)
        await self.challenges.open(challenge, at_most=self.at_most)

    async def _settle(self, login: str) -> None:
        """One whose time is up still holds the place until somebody looks: this looks."""
        latest = await self.challenges.latest(login)
        if latest is not None and (await self.advance.settled(latest)).status is Status.CONSUMED:
            raise LoginFinished
