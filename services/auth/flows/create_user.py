"""An operator opens an account for somebody, who sets up their phone at the first sign-in."""

from collections.abc import Callable
from dataclasses import dataclass

from chassis.clock import Clock
from services.auth.flows.new_password import NewPasswords
from services.auth.model.email import parse_email
from services.auth.model.events import Event, What
from services.auth.model.password import normalised
from services.auth.model.user import User
from services.auth.ports import Events, Users
from services.auth.ports_of_operators import Roll


@dataclass(frozen=True)
class CreateUser:
    """The same rules for a password as where people register, and no tallies: an operator guesses at nobody.

    It is good for the first sign-in, which leads to one of the person's own: what two people know opens no session.
    """

    users: Users
    roll: Roll
    passwords: NewPasswords
    events: Events
    clock: Clock
    new_id: Callable[[], str]

    async def __call__(self, email: str, password: str) -> User:
        """Raises `InvalidEmail`, `WeakPassword`, `EmailTaken`."""
        address, secret = parse_email(email), normalised(password)
        async with self.passwords.place():
            await self.passwords.require_acceptable(secret, address)
            user = User(self.new_id(), address, await self.passwords.hash(secret), self.clock())
        async with self.events.together():
            await self.users.add(user)
            await self.roll.expire_password(user.id, user.created_at)
            await self.events.record(Event(What.USER_CREATED, user=user.id))
        return user
