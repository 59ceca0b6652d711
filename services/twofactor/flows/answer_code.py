"""Takes the code that a person typed: from an app, a text, a call, or out of the push itself."""

from contextlib import suppress
from dataclasses import dataclass

from chassis.asked import both
from chassis.limits import Take
from countersign import PartialToken
from services.twofactor.flows.advance import Advance
from services.twofactor.flows.guard import Guard
from services.twofactor.flows.kinds import Kinds
from services.twofactor.flows.require_challenge import RequireChallenge
from services.twofactor.flows.require_standing import RequireStanding
from services.twofactor.model.challenge import CODE_WANTED, Challenge, Event
from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import (
    ChallengeClosed,
    CodeUnexpected,
    ProviderUnavailable,
    ReusedCode,
    TooManyCodes,
    WrongCode,
)
from services.twofactor.model.events import What, of_challenge
from services.twofactor.ports import Challenges, Events


@dataclass(frozen=True)
class AnswerCode:
    """Counts the try first, has the code judged once, and moves the challenge."""

    standing: RequireStanding
    require: RequireChallenge
    challenges: Challenges
    kinds: Kinds
    advance: Advance
    guard: Guard
    events: Events

    async def __call__(self, partial: PartialToken, challenge_id: str, typed: str) -> Challenge:
        """The challenge with its code; raises `WrongCode` with the tries left, the last of which denies."""
        _, found = await both(self.standing(partial), self.require.asked(partial, challenge_id))
        return await self.of(partial, await self.require.own(partial, found), typed)

    async def of(self, partial: PartialToken, challenge: Challenge, typed: str) -> Challenge:
        """The same of this token's own challenge, of a login that stands."""
        code = self.kinds.by(challenge.channel).read_code(typed)
        _require_answerable(challenge)
        if challenge.channel is Channel.PUSH:
            await self._require_right(challenge, code, await self.challenges.take_try(challenge))
            return await self.advance(challenge, Event.RIGHT_CODE)
        guess, left = await self._spent(partial, challenge)
        await self.require_right(challenge, code, guess, left)
        # This one and no more: who has the password would begin anew each time that the owner gets in.
        undone = self.guard.undo(guess)
        try:
            return await self.advance(challenge, Event.RIGHT_CODE)
        finally:
            await undone

    async def require_right(self, challenge: Challenge, code: str, guess: Take, left: int | None) -> None:
        """Has it judged, once. `guess` is counted, the try spent, and `left` are after it (None: there was none)."""
        try:
            await self._require_right(challenge, code, left)
        except ProviderUnavailable:
            await self.guard.undo(guess)
            raise

    async def _spent(self, partial: PartialToken, challenge: Challenge) -> tuple[Take, int | None]:
        # A login has 25 guesses at most, and whoever has the password has many logins: this counts them all. The number
        # in a push needs no such tally: a push that comes to nothing is followed by a rest, and three by a pause.
        guess, left = self.guard.require_guess(partial), self.challenges.take_try(challenge)
        try:
            counted = await guess
        except TooManyCodes:
            # Not looked at, so it is no try of this login's.
            if await left is not None:
                await self.challenges.give_try_back(challenge)
            raise
        return counted, await left

    async def _require_right(self, challenge: Challenge, code: str, left: int | None) -> None:
        # Spent before the code is judged, in one atomic step: guesses sent in parallel cannot slip through.
        if left is None:
            raise WrongCode(tries_left=0)
        try:
            await self.kinds.by(challenge.channel).require_code(challenge, code)
        except WrongCode as wrong:
            raise await self._counted(challenge, wrong, left) from wrong
        except ProviderUnavailable:
            # Nobody judged it, so nobody learned anything from it.
            await self.challenges.give_try_back(challenge)
            raise

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
