"""A circuit breaker: whoever is away is left alone for a while, and then tried by one.

closed --failures in a row--> open --the pause is over--> trial --it succeeds--> closed
^--------------------------'it fails: a longer pause
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

import structlog

from chassis.clock import Clock
from services.twofactor.model.errors import ProviderMisconfigured, ProviderUnavailable, Refusal

log = structlog.get_logger()
FAILURES = 5
SHORTEST, LONGEST = timedelta(seconds=5), timedelta(minutes=1)


class Position(StrEnum):
    """Whether calls are made."""

    CLOSED = "closed"
    OPEN = "open"
    TRIAL = "trial"


@dataclass
class Breaker:
    """One per kind of call and process: a vendor whose texts fail may push as ever. Nothing is ever repeated here.

    A failure is a call without an answer of use: `ProviderUnavailable`, or that whoever waited for it gave up. What
    the vendor refuses is an answer. So is that it refuses us: no pause makes a wrong key right.
    """

    name: str
    clock: Clock
    failures: int = 0
    pause: timedelta = SHORTEST
    open_until: datetime | None = None
    is_tried: bool = False

    @property
    def position(self) -> Position:
        """As of now; a trial that is due counts as open until somebody makes it."""
        if self.open_until is None:
            return Position.CLOSED
        return Position.TRIAL if self.is_tried else Position.OPEN

    @property
    def is_open(self) -> bool:
        """Whether a call would be refused now."""
        return self.open_until is not None and (self.is_tried or self.clock() < self.open_until)

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        """Around a call; raises `ProviderUnavailable` at once while none is to be made."""
        is_trial = self._admit()
        try:
            yield
        except Refusal as refused:
            is_failure = isinstance(refused, ProviderUnavailable) and not isinstance(refused, ProviderMisconfigured)
            self._failed(is_trial, refused.retry_after) if is_failure else self._succeeded(is_trial)
            raise
        except BaseException:
            self._failed(is_trial, None)
            raise
        else:
            self._succeeded(is_trial)

    def _admit(self) -> bool:
        if self.is_open:
            away = ProviderUnavailable()
            away.retry_after = self.seconds_left
            raise away
        self.is_tried = self.open_until is not None
        return self.is_tried

    @property
    def seconds_left(self) -> int:
        """Until a call is made again; 0 if one would be made now."""
        if self.open_until is None or not self.is_open:
            return 0
        return max(1, ceil((self.open_until - self.clock()).total_seconds()))

    def _succeeded(self, is_trial: bool) -> None:
        # What was under way when it opened says nothing of now.
        if is_trial or self.open_until is None:
            if is_trial:
                log.info("breaker_closed", call=self.name)
            self.failures, self.pause, self.open_until, self.is_tried = 0, SHORTEST, None, False

    def _failed(self, is_trial: bool, retry_after: int | None) -> None:
        if is_trial:
            self.pause = min(2 * self.pause, LONGEST)
            self._open(retry_after)
        elif self.open_until is None:
            self.failures += 1
            if self.failures >= FAILURES:
                self._open(retry_after)

    def _open(self, retry_after: int | None) -> None:
        pause = max(self.pause, timedelta(seconds=retry_after or 0))
        self.open_until, self.is_tried = self.clock() + pause, False
        log.warning("breaker_opened", call=self.name, seconds=round(pause.total_seconds()))
