"""A browser's session, kept alive while it is used."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

from chassis.clock import Clock
from gateway.model.errors import GrantRefused, PeerUnavailable
from gateway.model.tokens import Tokens
from gateway.model.visit import Visit
from gateway.ports import BrowserSessions, Credentials

# Refreshed so long before its end, so that an access token never ends on its way to an upstream.
MARGIN = timedelta(seconds=30)


@dataclass(frozen=True)
class KeepSession:
    """The visit of a cookie, with an access token that is good for a while yet; signed out when the session is over."""

    sessions: BrowserSessions
    credentials: Credentials
    clock: Clock
    running: dict[str, asyncio.Task[Tokens | None]] = field(default_factory=dict)

    async def __call__(self, cookie: str | None) -> Visit:
        """Raises `PeerUnavailable` when the token is over and auth is away."""
        visit = await self.sessions.load(cookie)
        if visit.cookie is None or visit.tokens is None or self._is_good(visit.tokens, MARGIN):
            return visit
        try:
            tokens = await self._refreshed(visit.cookie, visit.tokens)
        except PeerUnavailable:
            if self._is_good(visit.tokens, timedelta()):
                return visit
            raise
        return replace(visit, tokens=tokens) if tokens else visit.signed_out()

    async def _refreshed(self, cookie: str, tokens: Tokens) -> Tokens | None:
        # One refresh however many requests need it, and a request that goes away does not take it along: a token that
        # was spent and whose child is lost would end the session.
        task = self.running.get(cookie)
        if task is None:
            task = self.running[cookie] = asyncio.create_task(self._refresh(cookie, tokens))
            task.add_done_callback(lambda _: self.running.pop(cookie, None))
        return await asyncio.shield(task)

    async def _refresh(self, cookie: str, tokens: Tokens) -> Tokens | None:
        try:
            fresh = await self.credentials.refresh(tokens.refresh_token)
        except GrantRefused:
            await self.sessions.end(cookie)
            return None
        await self.sessions.renew(cookie, fresh)
        return fresh

    def _is_good(self, tokens: Tokens, margin: timedelta) -> bool:
        return self.clock() + margin < tokens.expires_at
