"""The vendor's word on an account, kept in Valkey for seconds."""

from datetime import timedelta

import orjson
from redis.asyncio import Redis

from services.twofactor.model.channel import Availability, Channel, Unavailable
from services.twofactor.model.factor import Word


class ValkeyStateCache:
    """Implements `ports.StateCache`. A text that this version cannot read counts as none."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def read(self, account: str) -> Word | None:
        """What was kept, None if it was not or is too old."""
        kept = await self._client.get(_key(account))
        return _read(kept) if isinstance(kept, bytes) else None

    async def keep(self, account: str, word: Word, life: timedelta) -> None:
        """Keeps it for `life`."""
        states = None if word.states is None else [(s.channel, s.reason) for s in word.states]
        await self._client.set(_key(account), orjson.dumps(states), px=life)

    async def forget(self, account: str) -> None:
        """What was kept has proved wrong."""
        await self._client.delete(_key(account))


def _key(account: str) -> str:
    return f"twofactor:states:{account}"


def _read(kept: bytes) -> Word | None:
    try:
        states = orjson.loads(kept)
        if states is None:
            return Word(None)
        return Word(tuple(Availability(Channel(c), Unavailable(r) if r else None) for c, r in states))
    except (ValueError, TypeError):
        return None
