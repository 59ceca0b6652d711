"""News of challenges: one subscription to twofactor's channel, whose messages reach the ears of this process.

The message is twofactor's documented contract: `{id, status, reason, updated_at}` on `twofactor:challenges`. After
every (re)connection everybody reads again: what was published in between was heard by nobody.
"""

import asyncio
from contextlib import AbstractAsyncContextManager

import orjson
import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from gateway.model.challenge import read_news
from gateway.ports import Jitter, Listener
from gateway.store.ears import Ears

log = structlog.get_logger()
CHANNEL = "twofactor:challenges"
# A silent connection may be a dead one: after this long it is asked, and must answer within the same time.
SILENCE = 10.0
BACK_OFF = (0.1, 0.3, 1.0, 2.0, 5.0)
# After a reconnection, so many waiters a second read again.
READ_RATE = 1000


class ChallengeNewsHub:
    """Implements `ports.ChallengeNews`. `run` for ever; `close` when the process drains."""

    def __init__(self, redis: Redis, jitter: Jitter) -> None:
        self.redis, self.jitter = redis, jitter
        self.ears = Ears()
        self.connected = asyncio.Event()

    def listen(self, challenge_id: str) -> AbstractAsyncContextManager[Listener]:
        """Hears while the block lasts."""
        return self.ears.listen(challenge_id)

    def close(self) -> None:
        """Sends all waiters away, so that they ask another process."""
        self.ears.close()

    async def run(self) -> None:
        """Follows the channel; comes back by itself, later each time it fails."""
        failures = 0
        while True:
            try:
                async with self.redis.pubsub() as channel:
                    await self._follow(channel)
            except (RedisError, OSError, asyncio.TimeoutError) as lost:
                failures = 0 if self.connected.is_set() else failures + 1
                self.connected.clear()
                log.warning("news_lost", kind=type(lost).__name__, waiters=len(self.ears.all()))
            await asyncio.sleep(BACK_OFF[min(failures, len(BACK_OFF) - 1)] * (0.5 + self.jitter()))

    async def _follow(self, channel: PubSub) -> None:
        await channel.subscribe(CHANNEL)
        asked = False
        while True:
            message = await channel.get_message(timeout=SILENCE)
            if message is not None:
                asked = False
                self._hear(message["type"], message["data"])
            elif asked:
                raise ConnectionError(CHANNEL)
            else:
                asked = True
                await channel.ping()

    def _hear(self, kind: str, data: bytes | int) -> None:
        if kind == "subscribe":
            self.connected.set()
            self._let_everybody_read()
        elif kind == "message" and isinstance(data, bytes):
            self._tell(data)

    def _tell(self, data: bytes) -> None:
        # Every process hears of every login, and of most it has nobody who waits.
        if not self.ears.by_challenge:
            return
        try:
            news = read_news(orjson.loads(data))
        except (KeyError, TypeError, ValueError):
            log.warning("news_unreadable", bytes=len(data))
            return
        self.ears.tell(news)

    def _let_everybody_read(self) -> None:
        loop = asyncio.get_running_loop()
        for place, ear in enumerate(self.ears.all()):
            loop.call_later(place / READ_RATE, ear.tell, None)
