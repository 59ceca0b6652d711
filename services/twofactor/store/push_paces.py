"""The pace of a person's pushes in Valkey: a text that is replaced by the next, if nobody else was faster."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

import orjson
from redis.asyncio import Redis

from chassis.asked import Asked
from chassis.valkey_asking import Script, ask
from services.twofactor.model.push_pace import PushPace

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# KEYS pace. ARGV as it was ("" for none), as it becomes, life (ms)  ->  1 replaced | 0 somebody was faster
_REPLACE = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""


class ValkeyPushPaces:
    """Implements `ports_of_pushes.PushPaces`."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._replace = Script(client, _REPLACE)

    def of(self, user: str) -> Awaitable[PushPace]:
        """What is remembered of this person's pushes; nothing is as good as an approval."""
        return Asked(ask(self._client, "GET", _key(user)), _read)

    async def replace(self, user: str, old: PushPace, new: PushPace, life: timedelta) -> bool:
        """Keeps `new` for `life` if `old` is still what is kept."""
        before = b"" if old == PushPace() else _written(old)
        if await self._replace([_key(user)], [before, _written(new), life // _MILLISECOND]):
            return True
        # An approval is kept as a text too, and means the same as none.
        return old == PushPace() and bool(
            await self._replace([_key(user)], [_written(old), _written(new), life // _MILLISECOND])
        )


def _key(user: str) -> str:
    return f"twofactor:pushes:{user}"


def _written(pace: PushPace) -> bytes:
    return orjson.dumps(
        [pace.open, _number(pace.open_until), pace.sent, pace.failed, _number(pace.rests_until)],
    )


def _read(kept: bytes | None) -> PushPace:
    if kept is None:
        return PushPace()
    open_, open_until, sent, failed, rests_until = orjson.loads(kept)
    return PushPace(open_, _moment(open_until), sent, failed, _moment(rests_until))


def _number(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _moment(number: int) -> datetime:
    return _EPOCH + number * _MILLISECOND
