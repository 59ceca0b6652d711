"""Browser sessions that outlast an absence of Valkey, as long as their access tokens live."""

from collections import OrderedDict

import structlog
from redis.exceptions import RedisError

from chassis.clock import Clock
from gateway.model.tokens import Tokens
from gateway.model.visit import Visit
from gateway.ports import BrowserSessions

log = structlog.get_logger()


class RememberedSessions:
    """Implements `ports.BrowserSessions` around the real one; remembers the `kept` browsers that were seen last.

    While Valkey answers, it is always asked: what is remembered never keeps a session alive that was ended.
    """

    def __init__(self, sessions: BrowserSessions, clock: Clock, kept: int) -> None:
        self.sessions, self.clock, self.kept = sessions, clock, kept
        self.seen: OrderedDict[str, Visit] = OrderedDict()

    async def load(self, cookie: str | None) -> Visit:
        """The visit; what is remembered of it if the store is away and its token is good; else the store's error."""
        try:
            visit = await self.sessions.load(cookie)
        except (RedisError, OSError, TimeoutError):
            remembered = self._remembered(cookie)
            if remembered is None:
                raise
            log.warning("session_from_memory")
            return remembered
        self._remember(cookie, visit)
        return visit

    async def save(self, visit: Visit) -> str:
        """As it is; what it supersedes is forgotten here too."""
        self._forget(visit.superseded)
        return await self.sessions.save(visit)

    async def renew(self, cookie: str, tokens: Tokens) -> None:
        """As it is."""
        await self.sessions.renew(cookie, tokens)

    async def end(self, cookie: str) -> None:
        """As it is, and forgotten here first."""
        self._forget(cookie)
        await self.sessions.end(cookie)

    def _remembered(self, cookie: str | None) -> Visit | None:
        visit = self.seen.get(cookie or "")
        if visit is None or visit.tokens is None or self.clock() >= visit.tokens.expires_at:
            return None
        return visit

    def _remember(self, cookie: str | None, visit: Visit) -> None:
        if cookie is None or not visit.is_signed_in:
            self._forget(cookie)
            return
        self.seen[cookie] = visit
        self.seen.move_to_end(cookie)
        if len(self.seen) > self.kept:
            self.seen.popitem(last=False)

    def _forget(self, cookie: str | None) -> None:
        self.seen.pop(cookie or "", None)
