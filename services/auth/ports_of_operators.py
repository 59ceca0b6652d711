"""What the operator's flows ask of the world beyond what sign-ins do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.auth.model.session import End
from services.auth.model.user import User


class Roll(Protocol):
    """Everybody with an account, as an operator sees and changes them. See also `Users`."""

    async def page(self, part: str, after: str, most: int) -> Sequence[User]:
        """Those whose address contains `part`, in the order of addresses, from behind `after`."""

    async def disable(self, user_id: str, now: datetime) -> int:
        """Nobody signs in as them: their sessions end, logins that were begun are void. Answers how many ended."""

    async def expire_password(self, user_id: str, now: datetime) -> int:
        """As after "it was not me": their sessions end, and another password is due. Answers how many ended."""

    async def enable(self, user_id: str) -> None:
        """They may sign in again, from the beginning: nothing that was ended comes back."""

    async def sign_out(self, user_id: str, reason: End, now: datetime) -> int:
        """Their sessions end, and logins that were begun are void; answers how many sessions."""


class Twofactor(Protocol):
    """The other service, reached as any internal service reaches it: with a token that allows one thing.

    Every call raises `NotDone` where it is refused, or `TwofactorAway`.
    """

    async def reset(self, user: User, reason: str) -> tuple[int, str]:
        """Forgets all factors of a person, and voids logins that were begun; answers how many, and a code for them."""

    async def void(self, user_id: str, reason: str) -> None:
        """Voids logins that were begun."""


class TwofactorAway(Exception):
    """It does not answer, or says that it cannot now."""
