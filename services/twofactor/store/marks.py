"""Small things in Valkey that are there or not: callbacks seen, turns taken."""

import hashlib
from datetime import timedelta

from redis.asyncio import Redis

from services.twofactor.model.challenge import Challenge

# A nonce is believed five minutes before and after its time: remembered for all of that, and a little more.
_SEEN_SECONDS = 11 * 60


class ValkeySeenMarks:
    """Implements `ports.SeenMarks`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def has(self, mark: str) -> bool:
        """Whether this mark was seen."""
        return bool(await self._client.exists(_mark_key(mark)))

    async def add(self, mark: str) -> None:
        """Remembers it for longer than the provider's freshness window is wide."""
        await self._client.set(_mark_key(mark), b"1", nx=True, ex=_SEEN_SECONDS)


class ValkeyTurns:
    """Implements `ports.Turns`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def take(self, challenge: Challenge, pause: timedelta) -> bool:
        """True once; then False until `pause` is over."""
        key = f"twofactor:{{{challenge.login}}}:read:{challenge.id}"
        return bool(await self._client.set(key, b"1", nx=True, px=pause))


def _mark_key(mark: str) -> str:
    return f"twofactor:seen:{hashlib.sha256(mark.encode()).hexdigest()}"
