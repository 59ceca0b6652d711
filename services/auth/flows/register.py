"""A person opens an account."""

from collections.abc import Callable
from dataclasses import dataclass

from chassis.clock import Clock
from services.auth.flows.begin_login import BeginLogin
from services.auth.flows.guard import Guard
from services.auth.flows.new_password import NewPasswords
from services.auth.model.caller import Caller
from services.auth.model.email import Email, parse_email
from services.auth.model.errors import EmailTaken
from services.auth.model.events import Event, What
from services.auth.model.grant import PartialLogin
from services.auth.model.password import normalised
from services.auth.model.user import User
from services.auth.ports import Events, Users


@dataclass(frozen=True)
class OpenAccount:
    """Makes a person out of an address and a hash. The account stands once the store has it."""

    users: Users
    begin: BeginLogin
    events: Events
    clock: Clock
    new_id: Callable[[], str]

    async def __call__(self, email: Email, password_hash: str) -> PartialLogin:
        """A login that still lacks its second factor; raises `EmailTaken`, also for the second of two at once."""
        user = User(self.new_id(), email, password_hash, self.clock())
        async with self.events.together():
            await self.users.add(user)
            await self.events.record(Event(What.REGISTERED, user=user.id))
        return self.begin(user)


@dataclass(frozen=True)
class Register:
    """Cheap refusals first: the hash is computed for an account that is about to exist."""

    guard: Guard
    users: Users
    passwords: NewPasswords
    open_account: OpenAccount

    async def __call__(self, email: str, password: str, caller: Caller) -> PartialLogin:
        """The partial login; raises `InvalidEmail`, `WeakPassword`, `EmailTaken`, `TooManyAttempts`, `Overloaded`."""
        address, secret = parse_email(email), normalised(password)
        # In this order: who waits for a turn holds no place that somebody who signs in could use.
        async with self.guard.registration_turn(caller), self.passwords.place():
            counted = await self.guard.count_registration(caller)
            await self.passwords.require_acceptable(secret, address)
            await self._require_free(address)
            await self.guard.count_account(caller, counted)
            return await self.open_account(address, await self.passwords.hash(secret))

    async def _require_free(self, email: Email) -> None:
        # Spares the hash. What decides is the store's unique index, for two registrations at once both pass here.
        if await self.users.by_email(email):
            raise EmailTaken
