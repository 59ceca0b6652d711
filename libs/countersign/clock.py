"""Time as something that is handed in."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment, with its time zone."""
    return datetime.now(UTC)  # noqa: TID251 the one place where the SDK's time comes from
