"""How fast tokens are given out, and to whom no more are for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from chassis.limits import Count, Limiter
from services.auth.model.errors import InvalidClient, InvalidGrant, TooManyAttempts
from services.auth.model.limits import Limits


@dataclass(frozen=True)
class Pace:
    """Each method raises `TooManyAttempts`; with Valkey away none of them does."""

    limiter: Limiter
    limits: Limits

    async def require_sessions(self, user_id: str) -> None:
        """Counts a session that is about to be opened: nothing is spent yet."""
        await self._require_room(self.limits.exchange_account.by(user_id))

    async def require_refreshes(self, session_id: str) -> None:
        """Counts a refresh of a session."""
        await self._require_room(self.limits.refresh_session.by(session_id))

    @asynccontextmanager
    async def refusals(self, network: str) -> AsyncIterator[None]:
        """Counts what is refused inside, afterwards: a token that is good is never turned away for bad ones before it.

        `network` is empty where the gateway speaks for itself: it keeps many people's sessions alive.
        """
        try:
            yield
        except (InvalidGrant, InvalidClient):
            if network:
                await self._require_room(self.limits.grant_network.by(network))
            raise

    async def _require_room(self, count: Count) -> None:
        take = await self.limiter.take(count)
        if take.refused:
            raise TooManyAttempts(take.retry_after)
