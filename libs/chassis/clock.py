"""Time as something that is handed in."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present moment, with its time zone (UTC)."""
    return datetime.now(UTC)  # noqa: TID251 the one place where time comes from
