"""A person says who they are and gives a password."""

from dataclasses import dataclass

from services.auth.flows.begin_login import BeginLogin
from services.auth.flows.guard import Guard, Guess
from services.auth.model.caller import Caller
from services.auth.model.email import Email, parse_email
from services.auth.model.errors import InvalidCredentials, TooManyAttempts
from services.auth.model.events import Event, What
from services.auth.model.grant import PartialLogin
from services.auth.model.password import normalised
from services.auth.model.user import User
from services.auth.ports import Events, Passwords, Users


@dataclass(frozen=True)
class Login:
    """Every path through `__call__` costs one look-up and one hash, so that a refusal's duration tells nothing."""

    guard: Guard
    users: Users
    passwords: Passwords
    begin: BeginLogin
    events: Events

    async def __call__(self, email: str, password: str, caller: Caller) -> PartialLogin:
        """The partial login; raises `InvalidEmail`, `InvalidCredentials`, `TooManyAttempts`, `Overloaded`."""
        address, secret = parse_email(email), normalised(password)
        # In this order: who waits for a turn holds no place that another account could use.
        async with self.guard.turn(address, caller), self.guard.network_turn(caller), self.passwords.place():
            # Counted before the hash is checked, so parallel guesses cannot slip through.
            guess = await self._counted(address, caller)
            user = await self.users.by_email(address)
            matches = await self.passwords.matches(user.password_hash if user else None, secret)
            accepted = self._require_accepted(user, locked=guess.is_locked, matches=matches)
            await self.guard.was_right(guess)
            await self._renew_hash(accepted, secret)
        await self.events.record(Event(What.LOGIN_ACCEPTED, user=accepted.id))
        return self.begin(accepted, guess.device)

    async def _counted(self, email: Email, caller: Caller) -> Guess:
        try:
            return await self.guard.count_login(email, caller)
        except TooManyAttempts:
            self.events.note(Event(What.LOGIN_REFUSED, reason="too_many_attempts"))
            raise

    def _require_accepted(self, user: User | None, *, locked: bool, matches: bool) -> User:
        reason = _reason_against(user, locked=locked, matches=matches)
        if user is None or reason:
            self.events.note(Event(What.LOGIN_REFUSED, user=user.id if user else "", reason=reason))
            raise InvalidCredentials
        return user

    async def _renew_hash(self, user: User, password: str) -> None:
        if self.passwords.needs_rehash(user.password_hash):
            await self.users.replace_hash(user, await self.passwords.hash(password))


def _reason_against(user: User | None, *, locked: bool, matches: bool) -> str:
    if user is None:
        return "unknown"
    if locked:
        return "locked"
    if user.disabled_at is not None:
        return "disabled"
    return "" if matches else "wrong_password"
