"""Time that moves when a test says so."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """A `Clock` that stands still until it is advanced."""

    def __init__(self, start: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)
