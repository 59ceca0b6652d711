"""The feed of disavowals: the Valkey stream `twofactor:disavowals`, each entry one field `statement`, a compact JWS.

auth's user in Valkey may read it and nothing else of ours; nobody but this service may write it. Neither is what it
rests on: a statement is believed for its signature.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

STREAM = "twofactor:disavowals"
# KEYS stream. ARGV life (ms), statement, ...: by the server's own clock, everything older is trimmed.
_ADD = """
local time = redis.call('TIME')
local oldest = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[1])
for i = 2, #ARGV do
  redis.call('XADD', KEYS[1], 'MINID', '~', string.format('%.0f', oldest), '*', 'statement', ARGV[i])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""


class ValkeyDisavowalFeed:
    """Implements `ports_of_pushes.DisavowalFeed`. `life`: how long an entry is kept."""

    def __init__(self, client: Redis, life: timedelta) -> None:
        self._client, self._kept = client, life // timedelta(milliseconds=1)
        self._add = client.register_script(_ADD)

    async def life(self) -> str:
        """A name for the feed's present life: another one means that it may have forgotten something."""
        server: Any = await self._client.info("server")
        return str(server["run_id"])

    async def add(self, statements: Sequence[str]) -> None:
        """Tells them, at least once."""
        await self._add(keys=[STREAM], args=[self._kept, *statements])
