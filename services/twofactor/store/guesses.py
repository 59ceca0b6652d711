"""Guesses of a person, counted in Valkey."""

from datetime import timedelta
from math import ceil

from redis.asyncio import Redis

from services.twofactor.model.errors import TooManyCodes
from services.twofactor.store import scripts

WINDOW = timedelta(hours=1)


class ValkeyGuesses:
    """Implements `ports.Guesses`: `at_most` in an hour that begins with the first."""

    def __init__(self, client: Redis, at_most: int) -> None:
        self._client, self._at_most = client, at_most
        self._take = client.register_script(scripts.COUNT_WITHIN)
        self._give_back = client.register_script(scripts.GIVE_GUESS_BACK)

    async def take(self, user: str) -> None:
        """Counts a guess before it is checked; raises `TooManyCodes`."""
        wait = int(await self._take([_key(user)], [self._at_most, WINDOW // timedelta(milliseconds=1)]))
        if wait:
            raise TooManyCodes(retry_after=ceil(wait / 1000))

    async def give_back(self, user: str) -> None:
        """The guess was never judged."""
        await self._give_back([_key(user)])

    async def forget(self, user: str) -> None:
        """The guess was right."""
        await self._client.delete(_key(user))


def _key(user: str) -> str:
    return f"twofactor:guesses:{user}"
