"""A session that is over before its time, as the world is told of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Ended:
    """`session_id` is the claim `sid` of its access tokens."""

    session_id: str
    at: datetime


@dataclass(frozen=True, order=True)
class Place:
    """A place in the feed: milliseconds since 1970 and a number among those. Written `1767323045123-0`."""

    ms: int
    number: int = 0

    def __str__(self) -> str:
        return f"{self.ms}-{self.number}"


@dataclass(frozen=True)
class Entry:
    """What stands in the feed at a place; `at` in milliseconds since 1970."""

    place: Place
    session_id: str
    at: int


BEGINNING = Place(0)


def place_of(text: str) -> Place:
    """The place that a reader names; the beginning for anything else: too much is told rather than too little."""
    ms, _, number = text.partition("-")
    # Two 64-bit numbers: anything longer is of no feed of ours.
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in (ms, number)):
        return BEGINNING
    return Place(int(ms), int(number))
