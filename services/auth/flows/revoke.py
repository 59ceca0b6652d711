"""Whoever holds a token may end what it stands for (RFC 7009)."""

from dataclasses import dataclass

from services.auth.flows.end_sessions import EndSessions
from services.auth.flows.read_service_token import ReadServiceToken
from services.auth.flows.read_token import ReadToken
from services.auth.model.errors import UnsupportedTokenType
from services.auth.model.session import End


@dataclass(frozen=True)
class Revoke:
    """Revoking either token ends the session, and with it the other (section 2.1); an unknown one is no error."""

    read: ReadToken
    services: ReadServiceToken
    end: EndSessions

    async def __call__(self, token: str) -> None:
        """Raises `UnsupportedTokenType` rather than say "done" of a token that goes on being good."""
        session = await self.read.find_session(token)
        if session is not None:
            await self.end.one(session.user_id, session.id, End.REVOKED)
        elif await self.services.find(token):
            raise UnsupportedTokenType
