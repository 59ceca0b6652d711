"""Turns an approval into a signed receipt, once.

Valkey comes first, PostgreSQL second, the answer last:

- the script that consumes the approval stores the receipt's text in the same step, so of two that ask at once the loser
  finds the winner's receipt, and there is never a second one;
- then the receipt is recorded. If that fails nobody gets a receipt (503); a retry finds the consumed challenge, gets
  the same text, and records it then. So no receipt is ever in anybody's hands that is not on record;
- the statement that records it writes nothing if the factor is gone: a phone that was removed, because it was stolen
  perhaps, lets nobody in any more, however late it is.
"""

from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from chassis.asked import both
from chassis.clock import Clock
from countersign import PartialToken
from services.twofactor.flows.advance import Advance, told_of
from services.twofactor.flows.require_latest import RequireLatest
from services.twofactor.flows.require_standing import RequireStanding
from services.twofactor.model.challenge import Challenge, Event, Status
from services.twofactor.model.channel import amr
from services.twofactor.model.errors import (
    AccessDenied,
    ApprovalExpired,
    ChallengeClosed,
    NotApprovedYet,
    NothingToConfirm,
    Refusal,
)
from services.twofactor.model.events import AuditEvent, What
from services.twofactor.model.receipt import RECEIPT_LIFE, IssuedReceipt, ReceiptFacts
from services.twofactor.ports import Events, Receipts, ReceiptSigner

_REFUSALS: dict[str, type[Refusal]] = {
    "pending": NotApprovedYet,
    Status.DENIED: AccessDenied,
    Status.EXPIRED: ApprovalExpired,
    Status.CANCELLED: NothingToConfirm,
}
_TOLD: dict[type[Exception], str] = {
    AccessDenied: "denied",
    ApprovalExpired: "expired",
    NothingToConfirm: "nothing_to_confirm",
}


@dataclass(frozen=True)
class IssueReceipt:
    """Consumes the login's approval for the partial token that asked for it."""

    latest: RequireLatest
    standing: RequireStanding
    advance: Advance
    signer: ReceiptSigner
    receipts: Receipts
    events: Events
    clock: Clock

    async def __call__(self, partial: PartialToken) -> IssuedReceipt:
        """The receipt; repeated within its life, the same one. Raises why there is none."""
        standing, newest = self.standing(partial), self.latest.asked(partial)
        return await self.of(partial, await newest, standing)

    async def of(self, partial: PartialToken, newest: Challenge | None, standing: Awaitable[None]) -> IssuedReceipt:
        """The same of the login's newest challenge; `standing`: whether the login stands, which was asked already."""
        with self._refusals_noted(partial):
            challenge = await self.latest.own(partial, newest)
            # Whose own request was denied hears that, not only that the login is over; any other may be approved yet.
            if challenge.status is not Status.DENIED:
                await standing
            return await self._kept(await self._consumed(challenge))

    async def at_once(
        self, partial: PartialToken, answered: Challenge, beside: Awaitable[None], unsaid: list[AuditEvent]
    ) -> IssuedReceipt:
        """The same of a challenge whose code has just been right. `beside`: what is on its way, and awaited with this.

        What is `unsaid` is on record with the receipt; what is left of it when there is none is for the caller to say.
        """
        if answered.is_overdue(self.clock()):
            await beside
            return await self(partial)
        steps = self.advance.confirming(answered, self._text)
        # Behind them: whoever voided the login before it was approved is heard.
        standing = self.standing(partial)
        try:
            is_approved, is_consumed = await both(*steps.answers)
        finally:
            await beside
        if is_approved:
            unsaid.append(told_of(steps.approved, Event.RIGHT_CODE, at=steps.approved.updated_at))
        await standing
        if not is_consumed:
            # Somebody with this token was faster: what has become of it is for this request as well.
            return await self(partial)
        with self._refusals_noted(partial):
            issued = await self._kept(steps.consumed, unsaid)
        unsaid.clear()
        return issued

    @contextmanager
    def _refusals_noted(self, partial: PartialToken) -> Iterator[None]:
        try:
            yield
        except tuple(_TOLD) as refused:
            # Not of one that is not approved yet: whoever waits asks every second.
            reason = _TOLD[type(refused)]
            self.events.note(AuditEvent(What.RECEIPT_REFUSED, user=partial.subject, login=partial.login, reason=reason))
            raise

    async def _kept(self, consumed: Challenge, beside: Sequence[AuditEvent] = ()) -> IssuedReceipt:
        facts = _facts(consumed)
        if facts.expires_at <= self.clock():
            raise NothingToConfirm
        await self.receipts.record(facts, consumed, beside)
        return IssuedReceipt(consumed.receipt, facts.expires_at)

    async def _consumed(self, challenge: Challenge) -> Challenge:
        try:
            return await self.advance(challenge, Event.CONSUME, receipt=self._text)
        except ChallengeClosed as closed:
            raise _REFUSALS[closed.status] from None

    def _text(self, consumed: Challenge) -> str:
        return self.signer.sign(_facts(consumed))


def _facts(consumed: Challenge) -> ReceiptFacts:
    issued_at = consumed.updated_at.replace(microsecond=0)
    return ReceiptFacts(
        id=consumed.id,
        user=consumed.user,
        login=consumed.login,
        partial_id=consumed.partial_id,
        amr=amr(consumed.channel, consumed.delivery),
        issued_at=issued_at,
        expires_at=issued_at + RECEIPT_LIFE,
    )
