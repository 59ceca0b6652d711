"""Takes the code that a person typed."""

from contextlib import suppress
from dataclasses import dataclass

from countersign import PartialToken
from services.twofactor.flows.advance import Advance
from services.twofactor.flows.guard import Guard
from services.twofactor.flows.kinds import Kinds
from services.twofactor.flows.require_challenge import RequireChallenge
from services.twofactor.model.challenge import Challenge, Event, Status
from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import (
    ChallengeClosed,
    CodeUnexpected,
    ProviderUnavailable,
    ReusedCode,
    WrongCode,
)
from services.twofactor.model.events import What, of_challenge
from services.twofactor.ports import Challenges, Events


@dataclass(frozen=True)
class AnswerCode:
    """Counts the try first, asks the vendor once, and moves the challenge."""

    require: RequireChallenge
    challenges: Challenges
    kinds: Kinds
    advance: Advance
    guard: Guard
    events: Events

    async def __call__(self, partial: PartialToken, challenge_id: str, typed: str) -> Challenge:
        """The approved challenge; raises `WrongCode` with the tries left, the last of which denies."""
        challenge = await self.require(partial, challenge_id)
        kind = self.kinds.by(challenge.channel)
        code = kind.read_code(typed)
        _require_answerable(challenge)
        # A login has 25 guesses at most, and whoever has the password has many logins: this counts them all.
        guess = await self.guard.require_guess(challenge.user)
        left = await self._take_try(challenge)
        try:
            await kind.require_code(challenge, code)
        except WrongCode as wrong:
            raise await self._counted(challenge, wrong, left) from wrong
        except ProviderUnavailable:
            # Nobody judged it, so nobody learned anything from it.
            await self.challenges.give_try_back(challenge)
            await self.guard.undo(guess)
            raise
        # This one and no more: who has the password would begin anew each time that the owner gets in.
        await self.guard.undo(guess)
        return await self.advance(challenge, Event.RIGHT_CODE)

    async def _take_try(self, challenge: Challenge) -> int:
        # Spent before the vendor is asked, in one atomic step: guesses sent in parallel cannot slip through.
        left = await self.challenges.take_try(challenge)
        if left is None:
            raise WrongCode(tries_left=0)
        return left

    async def _counted(self, challenge: Challenge, wrong: WrongCode, left: int) -> WrongCode:
        reason = "reused" if isinstance(wrong, ReusedCode) else "wrong_code"
        self.events.note(of_challenge(What.CODE_REFUSED, challenge, reason))
        if left == 0:
            # Closed: a guess beside this one was right, or time ran out. Wrong is wrong all the same.
            with suppress(ChallengeClosed):
                await self.advance(challenge, Event.LAST_WRONG_CODE)
        return type(wrong)(tries_left=left)


def _require_answerable(challenge: Challenge) -> None:
    if challenge.channel is Channel.PUSH:
        raise CodeUnexpected
    if challenge.status is not Status.PENDING:
        raise ChallengeClosed(challenge.status, challenge.reason)
