"""Who asked a moment ago, in Valkey: the same answer whichever process is asked."""

from datetime import timedelta

from redis.asyncio import Redis

FLOOR = timedelta(seconds=1)


class ValkeyPace:
    """Implements `ports.Pace`."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis

    async def is_too_soon(self, key: str) -> bool:
        """Sets the mark unless it stands: of two askers at once, one is too soon."""
        return not await self.redis.set(_key(key), b"1", nx=True, px=FLOOR)

    async def rest(self, key: str, seconds: float) -> None:
        """Lets the mark stand for this long from now."""
        await self.redis.set(_key(key), b"1", px=max(1, int(seconds * 1000)))


def _key(key: str) -> str:
    return f"gateway:pace:{key}"
