"""What the flows ask of the world so that a push cannot be talked into: its number, its pace, and "that was not me"."""

from collections.abc import Awaitable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from services.twofactor.model.challenge import Challenge
from services.twofactor.model.disavowal import Disavowal
from services.twofactor.model.push_pace import PushPace


class BindingCodes(Protocol):
    """The six digits that tie a push to the screen where the login began. Nothing of them is stored."""

    def code_of(self, challenge: Challenge) -> str:
        """What stands on the phone."""

    def is_right(self, challenge: Challenge, code: str) -> bool:
        """Whether it is that; in constant time."""


class PushPaces(Protocol):
    """How a person's pushes went lately, over all logins."""

    def of(self, user: str) -> Awaitable[PushPace]:
        """What is remembered of this person's pushes; nothing is as good as an approval. On its way when asked."""

    async def replace(self, user: str, old: PushPace, new: PushPace, life: timedelta) -> bool:
        """Keeps `new` for `life` if `old` is still what is kept."""


class PushEnds(Protocol):
    """When pushes run out: each is looked at then, whether or not anybody waits."""

    async def note(self, challenge: Challenge) -> None:
        """Somebody looks when its time is up."""

    async def take(self, now: datetime) -> Sequence[tuple[str, str]]:
        """Login and id of some whose time was up at `now`; nobody else gets them for a while."""

    async def forget(self, login: str, challenge_id: str) -> None:
        """It was looked at."""


class Disavowals(Protocol):
    """What people said was not them, for good, and which of it auth was not told yet."""

    async def has(self, disavowal_id: str) -> bool:
        """Whether it is written down."""

    async def add(self, said: Disavowal) -> bool:
        """Writes it down; False if it was before."""

    def take(self, now: datetime) -> AbstractAsyncContextManager[Sequence[Disavowal]]:
        """Some that are not told yet, oldest first; told for good when the block ends without an error."""

    async def repeat(self, since: datetime) -> None:
        """Puts back what was said after `since`: the feed may have lost it."""


class DisavowalSigner(Protocol):
    """Speaks for this service."""

    def sign(self, said: Disavowal) -> str:
        """The statement as a compact JWS."""


class DisavowalFeed(Protocol):
    """Where auth hears them."""

    async def life(self) -> str:
        """A name for the feed's present life: another one means that it may have forgotten something."""

    async def add(self, statements: Sequence[str]) -> None:
        """Tells them, at least once."""


class Announcer(Protocol):
    """Empties the outbox beside the request."""

    def soon(self) -> None:
        """At once, without anybody waiting for it."""
