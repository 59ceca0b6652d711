"""Recovery codes: for whoever has lost everything else. Each is good once."""

from dataclasses import dataclass

from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Availability, Channel, Unavailable
from services.twofactor.model.errors import ChannelUnavailable, CodeMalformed, WrongCode
from services.twofactor.model.events import What, of_challenge
from services.twofactor.model.factor import Enrolment, Word
from services.twofactor.model.recovery import KIND, digest, read_recovery_code
from services.twofactor.ports import Events
from services.twofactor.ports_of_kinds import RecoveryCodes


@dataclass(frozen=True)
class RecoverySets:
    """Implements `ports_of_kinds.Kind`: an enrolment is a set of ten."""

    codes: RecoveryCodes
    events: Events
    name: str = KIND
    channels: tuple[Channel, ...] = (Channel.RECOVERY,)

    async def states(self, enrolment: Enrolment, kept: Word | None) -> Word:
        """Works while a code is left, and says how many are."""
        del kept
        left = await self.codes.left(enrolment.id)
        return Word((Availability(Channel.RECOVERY, None if left else Unavailable.NONE_LEFT, left),))

    async def at_hand(self, enrolment: Enrolment, kept: Word | None) -> Word:
        """The same: nobody outside is asked."""
        return await self.states(enrolment, kept)

    async def send(self, challenge: Challenge, counted_as: str) -> Challenge:
        """There is nothing to send; raises `ChannelUnavailable` when there is nothing to ask for either."""
        del counted_as
        if not await self.codes.left(challenge.enrolment):
            raise ChannelUnavailable(Channel.RECOVERY, Unavailable.NONE_LEFT)
        return challenge

    def read_code(self, typed: str) -> str:
        """24 letters and digits, however they are grouped."""
        code = read_recovery_code(typed)
        if code is None:
            raise CodeMalformed
        return code

    async def require_code(self, challenge: Challenge, code: str) -> None:
        """Right, and never used before: one that was is as wrong as any other."""
        async with self.events.together():
            left = await self.codes.spend(challenge.enrolment, digest(challenge.enrolment, code))
            if left is None:
                raise WrongCode
            await self.events.record(of_challenge(What.RECOVERY_CODE_USED, challenge, f"{left} left"))

    async def forget(self, enrolment: Enrolment) -> None:
        """The codes went with the enrolment."""
