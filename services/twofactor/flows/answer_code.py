"""Takes the code that a person typed: from an app, a text, a call, or out of the push itself."""

from contextlib import suppress
from dataclasses import dataclass

from countersign import PartialToken
from services.twofactor.flows.advance import Advance
from services.twofactor.flows.guard import Guard
from services.twofactor.flows.kinds import Kinds
from services.twofactor.flows.require_challenge import RequireChallenge
from services.twofactor.model.challenge import CODE_WANTED, Challenge, Event
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
    """Counts the try first, has the code judged once, and moves the challenge."""

    require: RequireChallenge
    challenges: Challenges
    kinds: Kinds
    advance: Advance
    guard: Guard
    events: Events

    async def __call__(self, partial: PartialToken, challenge_id: str, typed: str) -> Challenge:
        """The challenge with its code; raises `WrongCode` with the tries left, the last of which denies."""
        challenge = await self.require(partial, challenge_id)
        code = self.kinds.by(challenge.channel).read_code(typed)
        _require_answerable(challenge)
        if challenge.channel is Channel.PUSH:
            return await self._answered(challenge, code)
        # A login has 25 guesses at most, and whoever has the password has many logins: this counts them all. The number
        # in a push needs no such tally: a push that comes to nothing is followed by a rest, and three by a pause.
        guess = await self.guard.require_guess(partial)
        try:
            answered = await self._answered(challenge, code)
        except ProviderUnavailable:
            await self.guard.undo(guess)
            raise
        # This one and no more: who has the password would begin anew each time that the owner gets in.
        await self.guard.undo(guess)
        return answered

    async def _answered(self, challenge: Challenge, code: str) -> Challenge:
        left = await self._take_try(challenge)
        try:
            await self.kinds.by(challenge.channel).require_code(challenge, code)
        except WrongCode as wrong:
            raise await self._counted(challenge, wrong, left) from wrong
        except ProviderUnavailable:
            # Nobody judged it, so nobody learned anything from it.
            await self.challenges.give_try_back(challenge)
            raise
        return await self.advance(challenge, Event.RIGHT_CODE)

    async def _take_try(self, challenge: Challenge) -> int:
        # Spent before the code is judged, in one atomic step: guesses sent in parallel cannot slip through.
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
    if not challenge.status.is_pending:
        raise ChallengeClosed(challenge.status.told, challenge.reason)
    if challenge.status not in CODE_WANTED:
        raise CodeUnexpected
