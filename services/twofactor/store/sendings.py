"""Pushes, texts and calls to a phone, counted in Valkey."""

from datetime import timedelta

from redis.asyncio import Redis

from services.twofactor.model.channel import Channel
from services.twofactor.store import scripts

WINDOW = timedelta(hours=1)


class ValkeySendings:
    """Implements `ports.Sendings`: `at_most` by each channel in an hour that begins with the first."""

    def __init__(self, client: Redis, at_most: int) -> None:
        self._at_most = at_most
        self._take = client.register_script(scripts.COUNT_WITHIN)

    async def take(self, owner: str, channel: Channel) -> bool:
        """Counts one before it goes out; False, and not to be sent, if there were enough for this hour."""
        key = f"twofactor:sendings:{owner}:{channel}"
        return int(await self._take([key], [self._at_most, WINDOW // timedelta(milliseconds=1)])) == 0
