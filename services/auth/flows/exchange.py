"""Token exchange (RFC 8693): "this password was right" and "this person approved it" become a session."""

from dataclasses import dataclass
from typing import TypeVar

from countersign.claims import PartialToken, Receipt
from countersign.errors import InvalidToken
from services.auth.flows.issue_grant import IssueFirstGrant
from services.auth.flows.open_session import OpenSession
from services.auth.flows.pace import Pace
from services.auth.flows.renew_password import BeginRenewal
from services.auth.model.errors import InvalidGrant
from services.auth.model.events import Event, What
from services.auth.model.grant import ExchangeRequest, Grant
from services.auth.model.scope import granted
from services.auth.model.session import Session
from services.auth.ports import Events, Reader

SECOND_FACTOR = "mfa"
T = TypeVar("T")


@dataclass(frozen=True)
class Proof:
    """Reads both statements, each with the keys of who makes it, and holds them against each other."""

    partials: Reader[PartialToken]
    receipts: Reader[Receipt]
    pace: Pace

    async def require(self, request: ExchangeRequest) -> tuple[PartialToken, Receipt]:
        """Both, belonging together; raises `InvalidGrant` with the reason, `KeysUnavailable`, `TooManyAttempts`."""
        partial = await _require_believed(self.partials, request.subject_token, "partial")
        receipt = await _require_believed(self.receipts, request.receipt, "receipt")
        _require_same_login(partial, receipt)
        await self.pace.require_sessions(partial.subject)
        return partial, receipt


@dataclass(frozen=True)
class Exchange:
    """Both statements are signed, of the same login, and spent by the session that they open."""

    proof: Proof
    open_session: OpenSession
    renewal: BeginRenewal
    issue: IssueFirstGrant
    scopes: frozenset[str]
    events: Events

    async def __call__(self, request: ExchangeRequest) -> Grant:
        """The first grant of a session.

        Raises `InvalidGrant`, `PasswordRenewalDue`, `InvalidScope`, `KeysUnavailable`.
        """
        scope = granted(request.scope, self.scopes)
        try:
            partial, receipt = await self.proof.require(request)
            session, refresh_token = await self._opened(partial, receipt, request, scope)
        except InvalidGrant as refused:
            self.events.note(Event(What.EXCHANGE_REFUSED, reason=str(refused)))
            raise
        return self.issue(session, refresh_token, partial.email)

    async def _opened(
        self, partial: PartialToken, receipt: Receipt, request: ExchangeRequest, scope: frozenset[str]
    ) -> tuple[Session, str]:
        try:
            return await self.open_session(partial, receipt, request, scope)
        except InvalidGrant:
            # Asked only now: nearly nobody needs it, and the statement above has refused already.
            await self.renewal.require_none_due(partial, receipt, request, scope)
            raise


async def _require_believed(reader: Reader[T], text: str, what: str) -> T:
    try:
        return await reader.verify(text)
    except InvalidToken as refused:
        raise InvalidGrant(f"{what}: {type(refused).__name__}") from refused


def _require_same_login(partial: PartialToken, receipt: Receipt) -> None:
    if (receipt.subject, receipt.login, receipt.partial_id) != (partial.subject, partial.login, partial.id):
        # A receipt for another login rides on a stranger's approval.
        raise InvalidGrant("receipt: another login")
    if SECOND_FACTOR not in receipt.amr:
        raise InvalidGrant("receipt: no second factor")
