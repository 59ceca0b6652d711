"""Whom an operator means."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.auth.model.email import Email, parse_email
from services.auth.model.errors import InvalidEmail
from services.auth.model.operating import NotDone
from services.auth.model.user import User
from services.auth.ports import Users
from services.auth.ports_of_operators import Roll


@dataclass(frozen=True)
class FindUser:
    """By address or by id: operators read ids in logs, and people say addresses."""

    users: Users
    roll: Roll

    async def require(self, named: str) -> User:
        """The one person of that address or id; raises `NotDone`."""
        user = await (self.users.by_id(str(UUID(named))) if _is_id(named) else self.users.by_email(_email(named)))
        if user is None:
            raise NotDone(f"there is no account {named}: see `countersign users list`")
        return user

    async def page(self, part: str, after: str, most: int) -> Sequence[User]:
        """Some of all, in the order of addresses."""
        return await self.roll.page(part, after, most)


def _email(named: str) -> Email:
    try:
        return parse_email(named)
    except InvalidEmail as unfit:
        raise NotDone(f"{named} is neither an e-mail address nor an id") from unfit


def _is_id(named: str) -> bool:
    try:
        UUID(named)
    except ValueError:
        return False
    return True
