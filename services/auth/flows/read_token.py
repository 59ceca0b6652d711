"""What a token stands for right now: for our own endpoints, for introspection and for revocation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from multidict import CIMultiDictProxy

from chassis.clock import Clock
from countersign.bearer import bearer_token
from countersign.claims import AccessToken
from countersign.errors import InvalidToken, MissingToken
from services.auth.model.errors import NotSignedIn, TokenMissing
from services.auth.model.family import Rotate, judge
from services.auth.model.session import Session
from services.auth.ports import Families, Reader, RefreshTokens, Sessions


@dataclass(frozen=True)
class LiveRefresh:
    """A refresh token that would be taken now, until `expires_at` if nobody uses it."""

    session: Session
    expires_at: datetime


@dataclass(frozen=True)
class ReadToken:
    """A signature says what was true when it was made; the session's row says whether it still is."""

    access: Reader[AccessToken]
    refresh: RefreshTokens
    sessions: Sessions
    families: Families
    clock: Clock

    async def require_session(self, headers: CIMultiDictProxy[str]) -> Session:
        """The open session of the request's bearer token (RFC 6750 section 2.1); raises `NotSignedIn`."""
        found = await self.find_access(require_presented(headers))
        if found is None:
            raise NotSignedIn
        return found[1]

    async def find_access(self, text: str) -> tuple[AccessToken, Session] | None:
        """An access token of ours whose session is open."""
        try:
            token = await self.access.verify(text)
        except InvalidToken:
            return None
        session = await self.sessions.by_id(token.session, self.clock())
        return (token, session) if session and session.user_id == token.subject else None

    async def find_refresh(self, text: str) -> LiveRefresh | None:
        """The newest refresh token of an open session."""
        presented = self.refresh.read(text)
        found = await self.families.by_id(presented.family) if presented else None
        if presented is None or found is None:
            return None
        family, session = found
        is_newest = isinstance(judge(family, presented, self.clock()), Rotate)
        return LiveRefresh(session, min(family.idle_until, family.expires_at)) if is_newest else None

    async def sessions_of(self, user_id: str) -> Sequence[Session]:
        """Every open session of a person, newest first."""
        return await self.sessions.of_user(user_id, self.clock())

    async def find_session(self, text: str) -> Session | None:
        """The session that a token of any kind belongs to: an older refresh token names it too."""
        presented = self.refresh.read(text)
        if presented is not None:
            found = await self.families.by_id(presented.family)
            return found[1] if found else None
        access = await self.find_access(text)
        return access[1] if access else None


def require_presented(headers: CIMultiDictProxy[str]) -> str:
    """The bearer token of a request (RFC 6750 section 2.1), whatever it is worth; raises `TokenMissing`."""
    try:
        return bearer_token(headers)
    except MissingToken as missing:
        raise TokenMissing from missing
