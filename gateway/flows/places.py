"""How many may wait at once."""

from gateway.model.errors import TooManyWaiters


class Places:
    """Bounds what one login, and everybody together, can keep open in this process."""

    def __init__(self, per_login: int, in_all: int) -> None:
        self.per_login, self.in_all = per_login, in_all
        self.taken: dict[str, int] = {}
        self.total = 0

    def take(self, login: str) -> "Place":
        """One place until the block ends; raises `TooManyWaiters`."""
        mine = self.taken.get(login, 0)
        if mine >= self.per_login or self.total >= self.in_all:
            raise TooManyWaiters
        self.taken[login] = mine + 1
        self.total += 1
        return Place(self, login)

    def give_back(self, login: str) -> None:
        """Somebody else may have it."""
        self.total -= 1
        self.taken[login] -= 1
        if not self.taken[login]:
            del self.taken[login]


class Place:
    """Taken, until the block ends."""

    __slots__ = ("login", "places")

    def __init__(self, places: Places, login: str) -> None:
        self.places, self.login = places, login

    def __enter__(self) -> None:
        """It was taken when it was asked for."""

    def __exit__(self, *_how: object) -> None:
        self.places.give_back(self.login)
