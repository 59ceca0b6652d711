"""What the flows ask of the world about the feed of ended sessions."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from services.auth.model.ended import Ended, Entry, Place


class Outbox(Protocol):
    """Ended sessions that the feed was not told of. What ends a session puts it here, in the same transaction."""

    def take(self, now: datetime) -> AbstractAsyncContextManager[Sequence[Ended]]:
        """Some of them, oldest first; told for good when the block ends without an error."""

    async def repeat(self, since: datetime) -> None:
        """Puts back what ended after `since`: the feed may have lost it."""


class Feed(Protocol):
    """Where everybody hears which sessions ended."""

    async def life(self) -> str:
        """A name for the feed's present life: another one means that it may have forgotten something."""

    async def add(self, ended: Sequence[Ended]) -> None:
        """Tells it, at least once."""


class EndedSessions(Protocol):
    """The feed, heard."""

    def follow(self, after: Place) -> AsyncGenerator[Sequence[Entry], None]:
        """What stands behind `after`: first all that is known, then what comes, either may be nothing.

        Raises `FeedAway`, `TooManyFollowers`.
        """
