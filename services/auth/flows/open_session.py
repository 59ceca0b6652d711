"""Two proofs that belong together become a session, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.clock import Clock
from chassis.dated_ids import dated_like
from countersign.claims import PartialToken, Receipt
from services.auth.model.caller import Caller
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
class Drafted:
    """A session before anybody knows of it, with its first refresh token."""

    session: Session
    family: Family
    refresh_token: str


@dataclass(frozen=True)
class DraftSession:
    """Writes down whose it is, how it was confirmed, and until when; its ids carry the time of the partial token's."""

    tokens: RefreshTokens
    lifetimes: Lifetimes
    clock: Clock
    new_id: Callable[[], str]

    def __call__(
        self,
        user_id: str,
        partial_id: str,
        client_id: str,
        scope: frozenset[str],
        amr: tuple[str, ...],
        confirmed_at: datetime,
        caller: Caller,
    ) -> Drafted:
        now = self.clock()
        session = Session(
            id=dated_like(self.new_id(), partial_id),
            user_id=user_id,
            client_id=client_id,
            scope=scope,
            amr=amr,
            authenticated_at=confirmed_at,
            opened_at=now,
            last_used_at=now,
            expires_at=now + self.lifetimes.whole,
            caller=caller,
        )
        family_id = dated_like(self.new_id(), partial_id)
        text, digest = self.tokens.first(family_id)
        idle_until = min(now + self.lifetimes.idle, session.expires_at)
        return Drafted(session, Family(family_id, 0, digest, now, idle_until, session.expires_at), text)


@dataclass(frozen=True)
class OpenSession:
    """Spends both proofs in the step that opens the session: there is no moment at which only one is spent."""

    sessions: Sessions
    draft: DraftSession

    async def __call__(
        self, partial: PartialToken, receipt: Receipt, request: ExchangeRequest, scope: frozenset[str]
    ) -> tuple[Session, str]:
        """The session and its first refresh token.

        Raises `InvalidGrant` if a proof is spent, the user disabled, the password another one or in other hands.
        """
        drafted = self.draft(
            partial.subject, partial.id, request.client_id, scope, receipt.amr, receipt.issued_at, request.caller
        )
        proofs = Proofs(partial.id, receipt.id, partial.issued_at)
        opened = await self.sessions.open(drafted.session, proofs, drafted.family)
        if opened is None:
            raise InvalidGrant("spent")
        return opened, drafted.refresh_token
