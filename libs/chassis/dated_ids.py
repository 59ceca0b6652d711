"""Ids that carry their time (UUID version 7, RFC 9562 section 5.7): a table of rows by time is found by the id alone.

An id of version 4 carries none. It may be anybody's text that was parsed as a UUID: nothing here raises.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_TIME_BITS, _VERSION, _RANDOM_BITS = 80, 7 << 76, (1 << 76) - 1
EVER = (_EPOCH, datetime(9999, 1, 1, tzinfo=UTC))


def dated(random_id: str, moment: datetime) -> str:
    """The same id with `moment` in it, to the millisecond; 74 bits of chance are left."""
    milliseconds = (moment - _EPOCH) // _MILLISECOND
    return str(UUID(int=milliseconds << _TIME_BITS | _VERSION | UUID(random_id).int & _RANDOM_BITS))


def dated_like(random_id: str, other: str) -> str:
    """The same id with the time that `other` carries, or as it is if that carries none."""
    moment = moment_of(other)
    return dated(random_id, moment) if moment else random_id


def moment_of(text: str) -> datetime | None:
    """The time that an id carries, in UTC."""
    try:
        value = UUID(text)
        return _EPOCH + (value.int >> _TIME_BITS) * _MILLISECOND if value.version == 7 else None
    except (ValueError, OverflowError):
        return None


def span_of(text: str) -> tuple[datetime, datetime]:
    """Between which moments a row with this id belongs: one moment, or ever."""
    moment = moment_of(text)
    return (moment, moment) if moment else EVER
