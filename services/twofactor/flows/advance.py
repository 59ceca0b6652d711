"""How a challenge moves: the table decides, the store enforces, and whoever loses a race looks again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.clock import Clock
from services.twofactor.flows.pace_pushes import PacePushes
from services.twofactor.model.challenge import Challenge, Event, Refused, Status, Transition, decide
from services.twofactor.model.errors import ChallengeClosed, ChallengeUnknown, Conflict
from services.twofactor.model.events import BECAME, AuditEvent, of_challenge
from services.twofactor.ports import Challenges, Events

# These give the login's one place free for another challenge.
_CLOSES = frozenset({Status.DENIED, Status.EXPIRED, Status.CANCELLED})
_REASONS = {
    Event.PROVIDER_DENIES: "declined",
    Event.LAST_WRONG_CODE: "too_many_codes",
    Event.PERSON_CANCELS: "person_cancelled",
}
MakeReceipt = Callable[[Challenge], str]


@dataclass(frozen=True)
class Confirming:
    """The challenge after either step; `answers`, on their way: whether it was this that took it there."""

    approved: Challenge
    consumed: Challenge
    answers: tuple[Awaitable[bool], Awaitable[bool]]


@dataclass(frozen=True)
class Advance:
    """Lets an event happen to a challenge."""

    challenges: Challenges
    pushes: PacePushes
    events: Events
    clock: Clock

    async def __call__(
        self, challenge: Challenge, event: Event, *, reason: str = "", receipt: MakeReceipt | None = None
    ) -> Challenge:
        """The challenge after `event`; raises `ChallengeClosed` when the table refuses it.

        `reason` in place of the usual one; `receipt` writes the text that is stored with the step to consumed.
        """
        # Time comes before any event: what arrives after the end finds an expired challenge. Statuses only ever go
        # forward, so a race can be lost no more often than there are statuses.
        for _ in Status:
            is_overdue = challenge.is_overdue(self.clock())
            happening = Event.TIME_IS_UP if is_overdue else event
            step = _require_allowed(challenge, happening)
            # Whoever wanted to write down the end may find that an approval was faster: its own time is not up.
            if not step.changes or (happening is Event.TIME_IS_UP and not is_overdue):
                return challenge
            moved = await self._take(challenge, step, happening, reason=reason, receipt=receipt)
            if moved is not None and happening is event:
                return moved
            challenge = moved or await self._again(challenge)
        raise Conflict

    def confirming(self, challenge: Challenge, receipt: MakeReceipt) -> Confirming:
        """A code was right, and that is used at once: both steps are on their way when this returns.

        For codes that nobody sent: no push is among these.
        """
        now, code = self.clock(), _require_allowed(challenge, Event.RIGHT_CODE)
        approved = challenge.moved(code.target, now)
        consumed = approved.moved(_require_allowed(approved, Event.CONSUME).target, now)
        consumed = replace(consumed, receipt=receipt(consumed))
        first = self.challenges.move(approved, expected=code.source, closes=False)
        second = self.challenges.move(consumed, expected=code.target, closes=False)
        return Confirming(approved, consumed, (first, second))

    async def settled(self, challenge: Challenge) -> Challenge:
        """The challenge, expired if its time is up though nobody has written so yet."""
        if not challenge.is_overdue(self.clock()):
            return challenge
        return await self(challenge, Event.TIME_IS_UP)

    async def _take(
        self, challenge: Challenge, step: Transition, event: Event, *, reason: str, receipt: MakeReceipt | None
    ) -> Challenge | None:
        why = _why(step.source, event, reason)
        moved = challenge.moved(step.target, self.clock(), reason=why)
        if receipt is not None and event is Event.CONSUME:
            moved = replace(moved, receipt=receipt(moved))
        if not await self.challenges.move(moved, expected=step.source, closes=step.target in _CLOSES):
            return None
        await self.pushes.ended(moved)
        await self._tell(moved, event)
        return moved

    async def _tell(self, moved: Challenge, event: Event) -> None:
        if moved.status is Status.CONSUMED:
            # Told by the statement that keeps the receipt.
            return
        became = told_of(moved, event)
        if event is Event.TIME_IS_UP:
            # Nobody did it: whoever happens to look should not have to wait for the record.
            self.events.note(became)
        else:
            await self.events.record(became)

    async def _again(self, challenge: Challenge) -> Challenge:
        current = await self.challenges.by_id(challenge.login, challenge.id)
        if current is None:
            raise ChallengeUnknown
        return current


def told_of(moved: Challenge, event: Event, at: datetime | None = None) -> AuditEvent:
    """What the record says of a challenge that `event` has moved."""
    return of_challenge(BECAME[moved.status], moved, moved.reason or event.value, at)


def _why(source: Status, event: Event, given: str) -> str:
    if event is Event.TIME_IS_UP:
        return "not_answered" if source.is_pending else "not_used"
    return given or _REASONS.get(event, "")


def _require_allowed(challenge: Challenge, event: Event) -> Transition:
    match decide(challenge.status, event):
        case Refused():
            raise ChallengeClosed(challenge.status.told, challenge.reason)
        case Transition() as step:
            return step
