"""The limiter in memory, by the rule in plain words: a slice of time counts until its last moment is a window ago."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chassis.clock import Clock
from chassis.limiter import SLICES
from chassis.limits import Count, Standing, Take, Window

Name = tuple[str, str, str, timedelta]


@dataclass
class FakeLimiter:
    """Implements `chassis.limits.Limiter`. `broken`: what every call raises, as if Valkey were away."""

    clock: Clock
    tries: dict[Name, Counter[int]] = field(default_factory=dict)
    reached: list[str] = field(default_factory=list)
    broken: Exception | None = None

    async def take(self, *counts: Count) -> Take:
        if self.broken:
            if any(count.limit.away == "refuse" for count in counts):
                raise self.broken
            return Take((), self.clock())
        now = self.clock()
        windows = [(count, window) for count in counts for window in count.limit.windows]
        full = [place for place in windows if self._used(*place, now) >= place[1].amount]
        if full:
            owner = full[0][0].owner
            refused = tuple(self._standing(*place, now) for place in full if place[0].owner == owner)
            self.reached += [standing.policy for standing in refused]
            return Take((), now, refused)
        for count, window in windows:
            self.tries.setdefault(_name(count, window), Counter())[_slice(window, now)] += 1
        return Take(counts, now)

    async def give_back(self, *counts: Count, at: datetime) -> None:
        for count in counts:
            for window in count.limit.windows:
                tries = self.tries.get(_name(count, window), Counter())
                tries[_slice(window, at)] = max(tries[_slice(window, at)] - 1, 0)

    async def clear(self, *counts: Count) -> None:
        for count in counts:
            for window in count.limit.windows:
                self.tries.pop(_name(count, window), None)

    def _live(self, count: Count, window: Window, now: datetime) -> dict[int, int]:
        tries = self.tries.get(_name(count, window), Counter())
        return {at: tries[at] for at in sorted(tries) if tries[at] and at >= _slice(window, now) - SLICES}

    def _used(self, count: Count, window: Window, now: datetime) -> int:
        return sum(self._live(count, window, now).values())

    def _standing(self, count: Count, window: Window, now: datetime) -> Standing:
        live = self._live(count, window, now)
        missing, more_at = max(sum(live.values()) + 1 - window.amount, 1), _milliseconds(now)
        for at, tries in live.items():
            if missing > 0:
                missing -= tries
                more_at = (at + SLICES + 1) * _length(window)
        more_in = timedelta(milliseconds=more_at - _milliseconds(now))
        return Standing(count.limit, window, max(window.amount - sum(live.values()), 0), more_in)


def _name(count: Count, window: Window) -> Name:
    return count.limit.name, count.owner, count.detail, window.length


def _length(window: Window) -> int:
    return -(-window.length // timedelta(milliseconds=SLICES))


def _slice(window: Window, moment: datetime) -> int:
    return _milliseconds(moment) // _length(window)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
