"""Two proofs that belong together become a session, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.clock import Clock
from countersign.claims import PartialToken, Receipt
from services.auth.model.errors import InvalidGrant
from services.auth.model.family import Family
from services.auth.model.grant import ExchangeRequest
from services.auth.model.session import Proofs, Session
from services.auth.ports import RefreshTokens, Sessions


@dataclass(frozen=True)
class Lifetimes:
    """`whole`: a session's end, whatever happens. `idle`: its end when nobody refreshes."""

    whole: timedelta
    idle: timedelta


@dataclass(frozen=True)
class OpenSession:
    """Spends both proofs in the statement that opens the session: there is no moment at which only one is spent."""

    sessions: Sessions
    tokens: RefreshTokens
    lifetimes: Lifetimes
    clock: Clock
    new_id: Callable[[], str]

    async def __call__(
        self, partial: PartialToken, receipt: Receipt, request: ExchangeRequest, scope: frozenset[str]
    ) -> tuple[Session, str]:
        """The session and its first refresh token.

        Raises `InvalidGrant` if a proof is spent, the user disabled, or the password another one by now.
        """
        now = self.clock()
        session = Session(
            id=self.new_id(),
            user_id=partial.subject,
            client_id=request.client_id,
            scope=scope,
            amr=receipt.amr,
            authenticated_at=receipt.issued_at,
            opened_at=now,
            last_used_at=now,
            expires_at=now + self.lifetimes.whole,
            caller=request.caller,
        )
        family, refresh_token = self._begin_family(session, now)
        opened = await self.sessions.open(session, Proofs(partial.id, receipt.id, partial.issued_at), family)
        if opened is None:
            raise InvalidGrant("spent")
        return opened, refresh_token

    def _begin_family(self, session: Session, now: datetime) -> tuple[Family, str]:
        family_id = self.new_id()
        text, digest = self.tokens.first(family_id)
        idle_until = min(now + self.lifetimes.idle, session.expires_at)
        return Family(family_id, 0, digest, now, idle_until, session.expires_at), text
