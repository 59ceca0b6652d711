"""Authenticator apps without a vendor (RFC 6238): the code is judged here, so this way works when all else is away."""

from dataclasses import dataclass

from services.twofactor.flows.match_step import MatchStep
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Availability, Channel
from services.twofactor.model.errors import AccountUnknown, ReusedCode
from services.twofactor.model.factor import Enrolment, Word
from services.twofactor.model.totp import KIND, require_six_digits
from services.twofactor.ports_of_kinds import TotpSecrets


@dataclass(frozen=True)
class TotpApps:
    """Implements `ports_of_kinds.Kind`."""

    secrets: TotpSecrets
    match: MatchStep
    name: str = KIND
    channels: tuple[Channel, ...] = (Channel.TOTP,)

    async def states(self, enrolment: Enrolment, kept: Word | None) -> Word:
        """It always works."""
        del enrolment, kept
        return Word((Availability(Channel.TOTP),))

    async def at_hand(self, enrolment: Enrolment, kept: Word | None) -> Word:
        """It always works."""
        return await self.states(enrolment, kept)

    async def send(self, challenge: Challenge, counted_as: str) -> Challenge:
        """The app shows its codes all the time."""
        del counted_as
        return challenge

    def read_code(self, typed: str) -> str:
        """Six digits."""
        return require_six_digits(typed)

    async def require_code(self, challenge: Challenge, code: str) -> None:
        """Right, and of a later time step than any that was right before."""
        stored = await self.secrets.of(challenge.enrolment)
        if stored is None:
            raise AccountUnknown
        step = self.match(stored.secret, code)
        # Whoever looked over a shoulder has the same code: the store lets each step pass once, over all processes.
        if not await self.secrets.spend(challenge.enrolment, step):
            raise ReusedCode

    async def forget(self, enrolment: Enrolment) -> None:
        """The secret went with the enrolment."""
