"""Turns an approval into a signed receipt, once.

Valkey comes first, PostgreSQL second, the answer last:

- the script that consumes the approval stores the receipt's text in the same step, so of two that ask at once the loser
  finds the winner's receipt, and there is never a second one;
- then the receipt is recorded. If that fails nobody gets a receipt (503); a retry finds the consumed challenge, gets
  the same text, and records it then. So no receipt is ever in anybody's hands that is not on record;
- the statement that records it writes nothing if the factor is gone: a phone that was removed, because it was stolen
  perhaps, lets nobody in any more, however late it is.
"""

from collections.abc import Awaitable
from dataclasses import dataclass

from chassis.clock import Clock
from countersign import PartialToken
from services.twofactor.flows.advance import Advance
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
        try:
            return await self._issued(partial, newest, standing)
        except tuple(_TOLD) as refused:
            # Not of one that is not approved yet: whoever waits asks every second.
            reason = _TOLD[type(refused)]
            self.events.note(AuditEvent(What.RECEIPT_REFUSED, user=partial.subject, login=partial.login, reason=reason))
            raise

    async def _issued(
        self, partial: PartialToken, newest: Challenge | None, standing: Awaitable[None]
    ) -> IssuedReceipt:
        challenge = await self.latest.own(partial, newest)
        # Whose own request was denied hears that, and not only that the login is over; any other may be approved yet.
        if challenge.status is not Status.DENIED:
            await standing
        consumed = await self._consumed(challenge)
        facts = _facts(consumed)
        if facts.expires_at <= self.clock():
            raise NothingToConfirm
        await self.receipts.record(facts, consumed)
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
