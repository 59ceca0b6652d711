"""When pushes run out, in Valkey: one sorted set, by the moment from which each may be looked at."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from chassis.valkey_asking import Script
from services.twofactor.model.challenge import Challenge

AT_ONCE = 20
# Who took some has this long to be done with them; then they are anybody's, for its process may have died.
LEASE = timedelta(seconds=15)
_ALL = "twofactor:push-ends"
# KEYS all. ARGV now (ms), end of the lease (ms), at most  ->  members
_TAKE = """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, member in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], member) end
return due
"""


class ValkeyPushEnds:
    """Implements `ports_of_pushes.PushEnds`."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._take = Script(client, _TAKE)

    async def note(self, challenge: Challenge) -> None:
        """Somebody looks when its time is up."""
        await self._client.zadd(_ALL, {_member(challenge.login, challenge.id): _number(challenge.expires_at)})

    async def take(self, now: datetime) -> Sequence[tuple[str, str]]:
        """Login and id of some whose time was up at `now`; nobody else gets them for a while."""
        due: Any = await self._take([_ALL], [_number(now), _number(now + LEASE), AT_ONCE])
        return [_parts(member.decode()) for member in due]

    async def forget(self, login: str, challenge_id: str) -> None:
        """It was looked at."""
        await self._client.zrem(_ALL, _member(login, challenge_id))


def _member(login: str, challenge_id: str) -> str:
    return f"{login}:{challenge_id}"


def _parts(member: str) -> tuple[str, str]:
    login, _, challenge_id = member.partition(":")
    return login, challenge_id


def _number(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
