"""A session goes on: the newest refresh token becomes a new pair (RFC 6749 section 6, RFC 9700 section 4.14)."""

from dataclasses import dataclass
from typing import assert_never

from services.auth.flows.end_sessions import EndSessions
from services.auth.flows.issue_grant import IssueGrant
from services.auth.flows.lineage import Lineage
from services.auth.flows.pace import Pace
from services.auth.model.errors import InvalidGrant
from services.auth.model.family import Expired, Replay, Reuse, Rotate
from services.auth.model.grant import Grant, RefreshRequest
from services.auth.model.scope import granted


@dataclass(frozen=True)
class Refresh:
    """Never raises what a session was opened with: same person, same acr, same scope or less."""

    lineage: Lineage
    pace: Pace
    end: EndSessions
    issue: IssueGrant

    async def __call__(self, request: RefreshRequest) -> Grant:
        """The next grant; raises `InvalidGrant`, `InvalidScope`, `TooManyAttempts`."""
        presented, family, session = await self.lineage.require(request)
        await self.pace.require_refreshes(session.id)
        scope = granted(request.scope, session.scope)
        match await self.lineage.advance(family, presented):
            case Rotate() | Replay():
                return self.issue(session, self.lineage.tokens.child(request.refresh_token), scope)
            case Reuse():
                await self.end.betrayed(session.user_id, session.id)
                raise InvalidGrant
            case Expired():
                raise InvalidGrant
            case verdict:
                assert_never(verdict)
