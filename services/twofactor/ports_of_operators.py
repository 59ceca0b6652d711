"""What an operator's flows ask of the world beyond what logins do."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Protocol


class Logins(Protocol):
    """Which logins a person has under way, for as long as one can last, and from when on they count.

    What is no coroutine is on its way when it has been asked: see `chassis.asked`.
    """

    def note(self, user: str, login: str, until: datetime, now: datetime) -> Awaitable[None]:
        """A login has a challenge, and is over at `until`."""

    async def of_user(self, user: str, now: datetime) -> Sequence[str]:
        """Those that are not over, oldest first."""

    async def void(self, user: str, now: datetime) -> None:
        """Every login that was begun until now counts for nothing any more."""

    def voided_at(self, user: str) -> Awaitable[datetime | None]:
        """When that was said last; None if it was so long ago that no login can be older."""
