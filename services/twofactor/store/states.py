"""The vendor's word on a person's enrolments, kept in Valkey for seconds: under the person, so that it can be asked
for before anybody knows what they have enrolled.

    twofactor:states:<user>   hash: enrolment -> JSON, [[channel, reason | null], ...], or null for a vendor's silence
"""

from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import Any

import orjson
from redis.asyncio import Redis

from chassis.asked import Asked
from chassis.valkey_asking import Script, ask, pairs
from services.twofactor.model.channel import Availability, Channel, Unavailable
from services.twofactor.model.factor import Word

# KEYS words. ARGV enrolment, word, life (ms). They go together, with the first whose time is up.
_KEEP = """
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3], 'LT')
"""
_MILLISECOND = timedelta(milliseconds=1)


class ValkeyStateCache:
    """Implements `ports.StateCache`. A text that this version cannot read counts as none."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._keep = Script(client, _KEEP)

    def of(self, user: str) -> Awaitable[Mapping[str, Word]]:
        """What was kept, by enrolment; none of it too old."""
        return Asked(ask(self._client, "HGETALL", _key(user)), _words)

    async def keep(self, user: str, enrolment: str, word: Word, life: timedelta) -> None:
        """Keeps it for `life` at most."""
        states = None if word.states is None else [(s.channel, s.reason) for s in word.states]
        await self._keep([_key(user)], [enrolment, orjson.dumps(states), life // _MILLISECOND])

    async def forget(self, user: str, enrolment: str) -> None:
        """What was kept has proved wrong."""
        await ask(self._client, "HDEL", _key(user), enrolment)


def _key(user: str) -> str:
    return f"twofactor:states:{user}"


def _words(said: Any) -> Mapping[str, Word]:
    read = {enrolment.decode(): _word(kept) for enrolment, kept in pairs(said).items()}
    return {enrolment: word for enrolment, word in read.items() if word is not None}


def _word(kept: bytes) -> Word | None:
    try:
        states = orjson.loads(kept)
        if states is None:
            return Word(None)
        return Word(tuple(Availability(Channel(c), Unavailable(r) if r else None) for c, r in states))
    except (ValueError, TypeError):
        return None
