"""Whether a session that a good token names still stands: ended anywhere is ended here, within a second."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import assert_never

from chassis.clock import Clock
from chassis.remembered import Remembered
from gateway.model.access import RevocationsUnknown, SessionEnded
from gateway.model.errors import PeerUnavailable
from gateway.model.identity import Identity
from gateway.model.revocation import Without
from gateway.ports import EndedSessions, SessionCheck

# While the feed is away, auth is asked about a session this often: its answer is never older than what is promised.
ASKED_FOR = timedelta(seconds=0.5)
KEPT = 50_000


@dataclass(frozen=True)
class StillOpen:
    """Asks a list in memory; only while that list cannot be kept up to date, `without` says what is done."""

    ended: EndedSessions
    sessions: SessionCheck
    without: Without
    clock: Clock
    known: Remembered[str, None] = field(default_factory=lambda: Remembered(KEPT))
    asking: dict[str, asyncio.Task[bool]] = field(default_factory=dict)

    async def require(self, identity: Identity, token: str) -> None:
        """Raises `SessionEnded`, `RevocationsUnknown`."""
        if self.ended.has(identity.session):
            raise SessionEnded
        # A service has no session that could be ended; its tokens are short.
        if self.ended.is_current or identity.is_client:
            return
        match self.without:
            case Without.ACCEPT:
                return
            case Without.REFUSE:
                raise RevocationsUnknown
            case Without.INTROSPECT:
                await self._require_open(identity.session, token)
            case _:
                assert_never(self.without)

    async def _require_open(self, session: str, token: str) -> None:
        asked = self.known.get(session)
        if asked is not None and self.clock() < asked[1]:
            return
        try:
            is_open = await self._ask(session, token)
        except PeerUnavailable:
            raise RevocationsUnknown from None
        if not is_open:
            raise SessionEnded
        now = self.clock()
        self.known.put(session, None, now + ASKED_FOR, now)

    async def _ask(self, session: str, token: str) -> bool:
        # One question for all requests of a session that wait for its answer.
        task = self.asking.get(session)
        if task is None:
            task = self.asking[session] = asyncio.create_task(self.sessions.is_open(token))
            task.add_done_callback(lambda _: self.asking.pop(session, None))
        return await asyncio.shield(task)
