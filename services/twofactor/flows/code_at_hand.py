"""A login that is confirmed in one step, by a code that the person has already: asked, answered and consumed at once.

It is what three requests do one after the other, and whoever has the password alone gets no more out of it: each code
is an answer to the login's one challenge, which is opened by the first and goes on with the next.
"""

from dataclasses import dataclass

from countersign import PartialToken
from services.twofactor.flows.advance import Advance
from services.twofactor.flows.answer_code import AnswerCode
from services.twofactor.flows.choose_factor import Choice
from services.twofactor.flows.confirm_at_once import ConfirmAtOnce
from services.twofactor.flows.issue_receipt import IssueReceipt
from services.twofactor.flows.open_challenge import OpenChallenge
from services.twofactor.flows.require_challenge import is_of
from services.twofactor.model.challenge import Challenge, Status
from services.twofactor.model.context import Context
from services.twofactor.model.receipt import IssuedReceipt

# No code changes these any more. Nor is one looked at: whoever lost the answer comes again with a code that is spent.
_DECIDED = frozenset({Status.APPROVED, Status.CONSUMED, Status.DENIED})


@dataclass(frozen=True)
class CodeAtHand:
    """Turns a code into a receipt: `at_once` where most are right, an app's first one, and step by step any other."""

    issue: IssueReceipt
    open: OpenChallenge
    answer: AnswerCode
    advance: Advance
    at_once: ConfirmAtOnce

    async def __call__(self, partial: PartialToken, typed: str, choice: Choice, context: Context) -> IssuedReceipt:
        """The receipt; raises what the three steps raise."""
        standing, asked = self.issue.standing(partial), self.issue.latest.asked(partial)
        newest = await self._own(partial, await asked)
        if newest is not None and newest.status in _DECIDED:
            return await self.issue.of(partial, newest, standing)
        await standing
        if newest is None or not _is_answered_by(newest, choice):
            if choice.is_shown_by_an_app:
                return await self.at_once(partial, typed, choice, context)
            newest = await self.open(partial, choice, context)
        approved = await self.answer.of(partial, newest, typed)
        # Asked again: whoever judged the code may have taken his time, in which an operator spoke.
        return await self.issue.of(partial, approved, self.issue.standing(partial))

    async def _own(self, partial: PartialToken, found: Challenge | None) -> Challenge | None:
        # Another token's is in the way of this one's, or is not: who opens finds out.
        if found is None or not is_of(found, partial):
            return None
        return await self.advance.settled(found)


def _is_answered_by(challenge: Challenge, choice: Choice) -> bool:
    return challenge.status.is_pending and choice.fits(challenge)
