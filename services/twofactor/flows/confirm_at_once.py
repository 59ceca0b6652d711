"""The code that an app shows, typed before it was asked for: what three requests do, in the fewest ways to the stores.

Every step is that of the three, in their order: counted, noted, opened, spent, judged, approved, consumed, kept.
What differs:

- challenge and guess are counted in one step, and the challenge is opened with its first try spent;
- it is approved and consumed on one way, for nothing can come between;
- that it was opened and approved is written by the statement that keeps its receipt. Nobody was sent anything, so
  nothing has to be on record before; and whatever becomes of it, it is on record before the answer.
"""

from dataclasses import dataclass, replace

from chassis.limits import Take
from countersign import PartialToken
from services.twofactor.flows.answer_code import AnswerCode
from services.twofactor.flows.choose_factor import Choice, ChooseFactor
from services.twofactor.flows.draft_challenge import DraftChallenge
from services.twofactor.flows.guard import Guard
from services.twofactor.flows.issue_receipt import IssueReceipt
from services.twofactor.flows.reserve import Reserve
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.context import Context
from services.twofactor.model.events import AuditEvent, What, of_challenge
from services.twofactor.model.receipt import IssuedReceipt
from services.twofactor.ports import Events


@dataclass(frozen=True)
class ConfirmAtOnce:
    """For a login that stands and has no challenge that this code could answer."""

    guard: Guard
    choose: ChooseFactor
    draft: DraftChallenge
    reserve: Reserve
    answer: AnswerCode
    issue: IssueReceipt
    events: Events

    async def __call__(self, partial: PartialToken, typed: str, choice: Choice, context: Context) -> IssuedReceipt:
        """The receipt; raises what opening, answering and consuming raise."""
        guess = await self.guard.require_code_at_hand(partial, context)
        try:
            challenge, code = await self._asked(partial, typed, choice, context)
        except BaseException:
            # No code was looked at.
            await self.guard.undo(guess)
            raise
        unsaid = [of_challenge(What.CHALLENGE_OPENED, challenge, at=challenge.created_at)]
        try:
            return await self._answered(partial, challenge, code, guess, unsaid)
        finally:
            await self._say(unsaid)

    async def _asked(
        self, partial: PartialToken, typed: str, choice: Choice, context: Context
    ) -> tuple[Challenge, str]:
        enrolment, channel = await self.choose(partial.subject, choice)
        code = self.choose.kinds.by(channel).read_code(typed)
        drafted = self.draft(partial, enrolment, channel, context)
        challenge = replace(drafted, tries_left=drafted.tries_left - 1)
        await self.reserve.unsaid(challenge)
        return challenge, code

    async def _answered(
        self, partial: PartialToken, challenge: Challenge, code: str, guess: Take, unsaid: list[AuditEvent]
    ) -> IssuedReceipt:
        if not challenge.tries_left:
            # If this is wrong the challenge is denied, which is to stand behind this.
            await self._say(unsaid)
        await self.answer.require_right(challenge, code, guess, challenge.tries_left)
        return await self.issue.at_once(partial, challenge, self.guard.undo(guess), unsaid)

    async def _say(self, unsaid: list[AuditEvent]) -> None:
        if unsaid:
            await self.events.record(*unsaid)
            unsaid.clear()
