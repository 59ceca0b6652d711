"""The sessions that auth keeps, in memory."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from gateway.model.errors import TokenRefused
from gateway.model.open_session import OpenSession
from tests.fakes.clock import FakeClock

FRESH_FOR = timedelta(seconds=300)
PUSH = ("pwd", "swk", "mca", "mfa")


class FakeSessions:
    """Open sessions by access token, and whose they are."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.by_token: dict[str, OpenSession] = {}
        self.owners: dict[str, str] = {}
        self.opened = 0

    def open(
        self, token: str, email: str, device: str = "Firefox on Linux", place: str = "203.0.113.0/24"
    ) -> OpenSession:
        self.opened += 1
        now = self.clock()
        self.by_token[token] = OpenSession(str(UUID(int=self.opened)), False, device, place, PUSH, now, now)
        self.owners[token] = email
        return self.by_token[token]

    def require(self, token: str) -> OpenSession:
        if token not in self.by_token:
            raise TokenRefused
        return self.by_token[token]

    def shown(self, token: str) -> list[OpenSession]:
        here = self.require(token)
        return [replace(session, is_current=session == here) for session in self._of(token).values()]

    def end_token(self, token: str) -> None:
        self.by_token.pop(token, None)

    def end_one(self, token: str, session_id: str) -> None:
        self.require(token)
        for other, session in self._of(token).items():
            if session.id == session_id:
                self.end_token(other)

    def end_many(self, token: str, *, this_one_too: bool) -> None:
        self.require(token)
        for other in self._of(token):
            if this_one_too or other != token:
                self.end_token(other)

    def _of(self, token: str) -> dict[str, OpenSession]:
        return {other: one for other, one in self.by_token.items() if self.owners[other] == self.owners[token]}
