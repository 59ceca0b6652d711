"""Limits as values: what is counted, how much is enough, and what is done when nothing can be counted.

Each service keeps one table of them (`limits.py` beside `settings.py`); docs/limits.md is written from those tables.
"""

from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from ipaddress import IPv4Address, ip_address, ip_network
from math import ceil
from typing import Any, ClassVar, Protocol, Self

IPV6_SITE = 64


class Away(StrEnum):
    """What a limit does while Valkey does not answer."""

    REFUSE = "refuse"
    ALLOW = "allow"


@dataclass(frozen=True)
class Window:
    """`amount` within any stretch of time of this `length`."""

    amount: int
    length: timedelta

    @cached_property
    def milliseconds(self) -> int:
        """The length as a number."""
        return self.length // timedelta(milliseconds=1)

    @cached_property
    def seconds(self) -> int:
        """The same in whole seconds."""
        return int(self.length.total_seconds())


@dataclass(frozen=True)
class Limit:
    """One row of a table. `name` stands in keys, answers, events and metrics.

    `of`: whose tries are counted together, in words. `is_told`: whether answers may say how much of it is left; what
    would tell an attacker something about an account stays untold. `alarm`: the share of the amount at which an event
    is raised, before anybody is refused.
    """

    name: str
    of: str
    windows: tuple[Window, ...]
    reason: str
    away: Away
    away_reason: str
    setting: str = ""
    is_told: bool = False
    alarm: float | None = None

    def by(self, owner: str, detail: str = "") -> "Count":
        """One try of `owner`; with `detail` each of an owner's is counted apart (one account, by network)."""
        return Count(self, owner, detail)


class FromSettings:
    """A dataclass whose fields are settings of the same names."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @classmethod
    def of(cls, settings: object) -> Self:
        """From what has all of these."""
        return cls(**{field.name: getattr(settings, field.name) for field in fields(cls)})


class Table:
    """A dataclass of limits: a row for each field, in their order."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __iter__(self) -> Iterator[Limit]:
        return (getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True)
class Count:
    """One try to be counted. Counts of one owner stand on one hash slot and are taken in one step."""

    limit: Limit
    owner: str
    detail: str = ""


@dataclass(frozen=True)
class Standing:
    """How one window of a limit stands after a try: what is left, and when there will be more."""

    limit: Limit
    window: Window
    left: int
    more_in: timedelta

    @property
    def policy(self) -> str:
        """The name of this window among all: a limit may have several."""
        return self.limit.name if len(self.limit.windows) == 1 else f"{self.limit.name}-{self.window.seconds}"


@dataclass(frozen=True)
class Take:
    """What became of a try: counted in every window of every count, or in none. `at`: when, for giving it back."""

    counts: tuple[Count, ...]
    at: datetime
    refused: tuple[Standing, ...] = ()

    @property
    def wait(self) -> timedelta:
        """How long nothing more is let through; zero if this try was."""
        return max((standing.more_in for standing in self.refused), default=timedelta())

    @property
    def retry_after(self) -> int:
        """The same in whole seconds, at least one (RFC 9110 section 10.2.3)."""
        return max(1, ceil(self.wait.total_seconds()))


class Limiter(Protocol):
    """Counts tries in sliding windows, before what they try is looked at.

    While Valkey is away: raises the driver's error if one of the counts is to be refused then, else lets it pass.
    What is asked may be on its way before it is awaited, together with what else is asked then.
    """

    def take(self, *counts: Count) -> Awaitable[Take]:
        """Counts one try in all of `counts`, or in none of them if one has no room."""

    def give_back(self, *counts: Count, at: datetime) -> Awaitable[None]:
        """Takes back what was counted `at` that moment; never raises."""

    async def clear(self, *counts: Count) -> None:
        """Forgets everything."""


def network_of(address: str) -> str:
    """What one customer of a provider has to himself: an IPv4 address (mapped into IPv6 too), an IPv6 /64; else ""."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((int(parsed), IPV6_SITE), strict=False))


def by_owner(counts: tuple[Count, ...]) -> Iterator[tuple[Count, ...]]:
    """The counts in groups that can be taken in one step each, in the order in which their owners come."""
    for owner in dict.fromkeys(count.owner for count in counts):
        yield tuple(count for count in counts if count.owner == owner)
