"""Browser sessions that outlast an absence of Valkey, as long as their access tokens live."""

from collections import OrderedDict
from dataclasses import replace

import structlog
from redis.exceptions import RedisError

from chassis.clock import Clock
from chassis.remembered import Remembered
from gateway.model.tokens import Tokens
from gateway.model.visit import Visit
from gateway.ports import BrowserSessions

log = structlog.get_logger()
AWAY = (RedisError, OSError, TimeoutError)


class RememberedSessions:
    """Implements `ports.BrowserSessions` around the real one; remembers the `kept` browsers that were seen last.

    While Valkey answers, it is always asked: what is remembered never keeps a session alive that was ended. Tokens that
    could not be stored are `owed`: their parents are spent, and who came back with those would be taken for a thief.
    """

    def __init__(self, sessions: BrowserSessions, clock: Clock, kept: int) -> None:
        self.sessions, self.clock, self.kept = sessions, clock, kept
        self.seen: Remembered[str, Visit] = Remembered(kept)
        self.owed: OrderedDict[str, Tokens] = OrderedDict()

    async def load(self, cookie: str | None) -> Visit:
        """The visit; what is remembered of it if the store is away and its token is good; else the store's error."""
        try:
            visit = await self._settled(await self.sessions.load(cookie))
        except AWAY:
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
        """As it is, now or as soon as the store is back."""
        try:
            await self.sessions.renew(cookie, tokens)
        except AWAY:
            self._owe(cookie, tokens)
            if cookie in self.seen:
                self._remember(cookie, replace(self.seen[cookie][0], tokens=tokens))

    async def end(self, cookie: str) -> None:
        """As it is, and forgotten here first."""
        self._forget(cookie)
        await self.sessions.end(cookie)

    async def _settled(self, visit: Visit) -> Visit:
        """The visit with the tokens that it is owed."""
        tokens = self.owed.get(visit.cookie or "")
        if tokens is None or visit.cookie is None:
            return visit
        await self.sessions.renew(visit.cookie, tokens)
        self.owed.pop(visit.cookie, None)
        return replace(visit, tokens=tokens)

    def _remembered(self, cookie: str | None) -> Visit | None:
        known = self.seen.get(cookie or "")
        return known[0] if known is not None and self.clock() < known[1] else None

    def _remember(self, cookie: str | None, visit: Visit) -> None:
        if cookie is None or visit.tokens is None:
            self._forget(cookie)
        else:
            self.seen.put(cookie, visit, visit.tokens.expires_at, self.clock())

    def _forget(self, cookie: str | None) -> None:
        self.seen.pop(cookie or "", None)
        self.owed.pop(cookie or "", None)

    def _owe(self, cookie: str, tokens: Tokens) -> None:
        self.owed[cookie] = tokens
        self.owed.move_to_end(cookie)
        if len(self.owed) > self.kept:
            self.owed.popitem(last=False)
