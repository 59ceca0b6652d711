"""A person's logins under way, in Valkey, under keys of theirs: two small things that forget themselves."""

from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from chassis.asked import Asked
from chassis.valkey_asking import Script, ask
from services.twofactor.store import scripts

# No partial token lives longer (auth's PARTIAL_TTL), and nothing is asked of a login that is over.
LONGEST = timedelta(hours=1, minutes=5)


class ValkeyLogins:
    """Implements `ports_of_operators.Logins`."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._note = Script(client, scripts.NOTE_LOGIN)

    def note(self, user: str, login: str, until: datetime, now: datetime) -> Awaitable[None]:
        """Adds it, and forgets those that are over."""
        times = [_milliseconds(until), _milliseconds(now), LONGEST // timedelta(milliseconds=1)]
        return Asked(self._note([_logins(user)], [login, *times]), _nothing)

    async def of_user(self, user: str, now: datetime) -> Sequence[str]:
        """By when they are over."""
        found: Any = await self._client.zrangebyscore(_logins(user), _milliseconds(now), "+inf")
        return [login.decode() for login in found]

    async def void(self, user: str, now: datetime) -> None:
        """Remembered for as long as a login can last."""
        await self._client.set(_void(user), _milliseconds(now), px=LONGEST)

    def voided_at(self, user: str) -> Awaitable[datetime | None]:
        """To the millisecond."""
        return Asked(ask(self._client, "GET", _void(user)), _moment)


def _nothing(_said: Any) -> None:
    """It is done."""


def _moment(said: bytes | None) -> datetime | None:
    return datetime.fromtimestamp(int(said) / 1000, UTC) if said is not None else None


def _logins(user: str) -> str:
    return f"twofactor:{{{user}}}:logins"


def _void(user: str) -> str:
    return f"twofactor:{{{user}}}:void"


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
