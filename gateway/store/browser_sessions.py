"""Browser sessions in Valkey, sealed so that only the browser's cookie opens them.

Stored under a digest of the cookie and sealed with a key derived from it: a dump of Valkey gives neither a cookie nor a
token. Two fields, `visit` and `tokens`, are written apart: a page that saves its step cannot undo a refresh beside it.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import timedelta
from typing import cast

from redis.asyncio import Redis

from chassis.sealing import Sealer, Unsealable
from gateway.model.tokens import Tokens
from gateway.model.visit import Visit
from gateway.store.visit_record import read_tokens, read_visit, write_tokens, write_visit

COOKIE = re.compile(r"[A-Za-z0-9_-]{43}\Z")
UNCONFIRMED_TTL = timedelta(minutes=15)
# KEYS[1] the visit; ARGV: its two fields, TTL in ms.
_CREATE = """
redis.call('HSET', KEYS[1], 'visit', ARGV[1], 'tokens', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
"""
# KEYS[1] the visit; ARGV: field, value, TTL in ms. Writes into what exists and brings nothing back to life: a second
# tab may have signed out or signed in meanwhile.
_OVERWRITE = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""


class ValkeySessions:
    """Implements `ports.BrowserSessions`. `idle` is how long a signed-in browser may be silent."""

    def __init__(self, redis: Redis, random: Callable[[int], bytes], idle: timedelta) -> None:
        self.redis, self.random, self.idle = redis, random, idle
        self.create = redis.register_script(_CREATE)
        self.overwrite = redis.register_script(_OVERWRITE)

    async def load(self, cookie: str | None) -> Visit:
        """One HMGET; whatever does not open is no visit."""
        if cookie is None or not COOKIE.match(cookie):
            return Visit()
        record, tokens = cast("list[bytes | None]", await self.redis.hmget(_key(cookie), ["visit", "tokens"]))
        if record is None or tokens is None:
            return Visit()
        try:
            sealer = self._sealer(cookie)
            return read_visit(cookie, sealer.open(record, "visit"), read_tokens(sealer.open(tokens, "tokens")))
        except (Unsealable, KeyError, TypeError, ValueError):
            return Visit()

    async def save(self, visit: Visit) -> str:
        """A new id for a visit without one; then the superseded one is forgotten."""
        if visit.cookie is not None:
            await self._write(visit.cookie, "visit", write_visit(visit), self._life(visit))
            return visit.cookie
        cookie = base64.urlsafe_b64encode(self.random(32)).rstrip(b"=").decode()
        await self._create(cookie, visit)
        if visit.superseded is not None:
            await self.end(visit.superseded)
        return cookie

    async def renew(self, cookie: str, tokens: Tokens) -> None:
        """The tokens alone."""
        await self._write(cookie, "tokens", write_tokens(tokens), self.idle)

    async def end(self, cookie: str) -> None:
        """Forgets it."""
        await self.redis.delete(_key(cookie))

    async def _create(self, cookie: str, visit: Visit) -> None:
        sealer = self._sealer(cookie)
        record = sealer.seal(write_visit(visit), "visit")
        tokens = sealer.seal(write_tokens(visit.tokens), "tokens")
        await self.create(keys=[_key(cookie)], args=[record, tokens, _milliseconds(self._life(visit))])

    async def _write(self, cookie: str, field: str, plain: bytes, life: timedelta) -> None:
        sealed = self._sealer(cookie).seal(plain, field)
        await self.overwrite(keys=[_key(cookie)], args=[field, sealed, _milliseconds(life)])

    def _sealer(self, cookie: str) -> Sealer:
        return Sealer([_derive(cookie, b"seal")], self.random)

    def _life(self, visit: Visit) -> timedelta:
        return self.idle if visit.is_signed_in else UNCONFIRMED_TTL


def _milliseconds(life: timedelta) -> int:
    return int(life.total_seconds() * 1000)


def _derive(cookie: str, purpose: bytes) -> bytes:
    # The cookie is 256 random bits: one HMAC is key derivation enough (RFC 5869 section 3.3).
    return hmac.new(cookie.encode(), b"countersign gateway visit " + purpose, hashlib.sha256).digest()


def _key(cookie: str) -> str:
    return f"gateway:visits:{_derive(cookie, b'id').hex()}"
