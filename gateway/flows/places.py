"""How many may wait at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.model.errors import TooManyWaiters


class Places:
    """Bounds what one login, and everybody together, can keep open in this process."""

    def __init__(self, per_login: int, in_all: int) -> None:
        self.per_login, self.in_all = per_login, in_all
        self.taken: dict[str, int] = {}
        self.total = 0

    @contextmanager
    def take(self, login: str) -> Iterator[None]:
        """One place until the block ends; raises `TooManyWaiters`."""
        mine = self.taken.get(login, 0)
        if mine >= self.per_login or self.total >= self.in_all:
            raise TooManyWaiters
        self.taken[login] = mine + 1
        self.total += 1
        try:
            yield
        finally:
            self._give_back(login)

    def _give_back(self, login: str) -> None:
        self.total -= 1
        self.taken[login] -= 1
        if not self.taken[login]:
            del self.taken[login]
