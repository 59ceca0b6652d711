"""Ids by number: the same every time, scattered as random ones are, so that an index grows as it does in life."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from asyncpg.pgproto import pgproto

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def digest(kind: str, number: int) -> bytes:
    """Sixteen bytes that look random."""
    return blake2b(b"%d" % number, digest_size=16, key=kind.encode()).digest()


def plain_id(kind: str, number: int) -> Any:
    """A UUID of version 4."""
    raw = bytearray(digest(kind, number))
    raw[6], raw[8] = raw[6] & 15 | 64, raw[8] & 63 | 128
    return pgproto.UUID(bytes(raw))


def dated_id(kind: str, number: int, moment: datetime) -> Any:
    """A UUID of version 7, as `chassis.dated_ids` makes it."""
    raw = bytearray(((moment - _EPOCH) // _MILLISECOND).to_bytes(6) + digest(kind, number)[6:])
    raw[6], raw[8] = raw[6] & 15 | 112, raw[8] & 63 | 128
    return pgproto.UUID(bytes(raw))
