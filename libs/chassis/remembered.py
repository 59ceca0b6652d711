"""What was found out a moment ago and may be said again for a while: bounded in number and in time."""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(OrderedDict[K, tuple[V, datetime]], Generic[K, V]):
    """Each with the moment from which it is not to be believed any more, which whoever looks has to look at.

    Of `most` at most; the oldest makes room. What is over goes when something new comes, so that nothing is held on to
    that nobody can use: what is kept in one place lives for about as long.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def put(self, key: K, value: V, until: datetime, now: datetime) -> None:
        """Remembers it, in place of what was remembered under `key`."""
        self.pop(key, None)
        self[key] = value, until
        while self and (len(self) > self.most or next(iter(self.values()))[1] <= now):
            self.popitem(last=False)
