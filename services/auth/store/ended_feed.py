"""The feed of ended sessions: the Valkey stream `auth:ended`, with the fields `sid` and `at` (see docs/api.md)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from services.auth.model.ended import BEGINNING, MILLISECOND, Ended, Entry, Place, place_of

STREAM = "auth:ended"
AT_ONCE = 1000
_LIFE = "return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')"


def _nothing_heard() -> Place:
    return BEGINNING


class ValkeyFeed:
    """Implements `Feed`. `life`: how long an entry is kept; `last_heard`: the last place that anybody told us of."""

    def __init__(self, client: Redis, life: timedelta, last_heard: Callable[[], Place] = _nothing_heard) -> None:
        self.client, self.kept, self.last_heard = client, life // MILLISECOND, last_heard
        self.ask_life = client.register_script(_LIFE)
        self.add_ended = client.register_script(Path(__file__).with_name("add_ended.lua").read_text())

    async def life(self) -> str:
        # By way of the stream: in a Cluster it is the life of the node that has it.
        return str((await self.ask_life(keys=[STREAM])).decode())

    async def add(self, ended: Sequence[Ended]) -> None:
        told = [part for each in ended for part in (each.session_id, round(each.at.timestamp() * 1000))]
        last = self.last_heard()
        await self.add_ended(keys=[STREAM], args=[self.kept, last.ms, last.number, *told])


async def read_after(client: Redis, place: Place, *, wait: timedelta) -> Sequence[Entry]:
    """What stands behind `place`, oldest first, waiting for it; nothing when `wait` is over."""
    found: Any = await client.xread({STREAM: str(place)}, count=AT_ONCE, block=wait // MILLISECOND)
    rows = found.get(STREAM.encode(), []) if isinstance(found, dict) else [row for _, rows in found for row in rows]
    return [_entry(row) for row in rows]


def _entry(row: Any) -> Entry:
    name, fields = row
    return Entry(place_of(name.decode()), fields[b"sid"].decode(), int(fields[b"at"]))
