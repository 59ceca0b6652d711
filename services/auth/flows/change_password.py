"""A person chooses another password: whoever else was signed in with the old one is signed out."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from services.auth.flows.guard import Guard
from services.auth.flows.new_password import NewPasswords
from services.auth.model.caller import Caller
from services.auth.model.errors import NotFresh, WrongPassword
from services.auth.model.events import Event, What
from services.auth.model.password import normalised
from services.auth.model.session import Session
from services.auth.model.user import User
from services.auth.ports import Announcer, Events, Passwords, Users

# A session that somebody finds open, or its stolen token, must not be enough to lock its owner out.
FRESH = timedelta(minutes=5)


@dataclass(frozen=True)
class ConfirmPassword:
    """Guessed at from a session as little as at the sign-in, with the same work for every answer."""

    guard: Guard
    passwords: Passwords
    events: Events

    async def __call__(self, user: User, session: Session, password: str, caller: Caller) -> None:
        """Raises `WrongPassword`, `TooManyAttempts`."""
        guess = await self.guard.count_confirmation(session.id, caller)
        matches = await self.passwords.matches(user.password_hash, password)
        if guess.is_locked or not matches:
            reason = "locked" if guess.is_locked else "wrong_password"
            self.events.note(Event(What.PASSWORD_REFUSED, user=user.id, reason=reason))
            raise WrongPassword
        await self.guard.was_right(guess)


@dataclass(frozen=True)
class ReplacePassword:
    """One transaction: there is no moment at which the password is new and the sessions of the old one are open."""

    users: Users
    announcer: Announcer
    events: Events
    clock: Clock

    async def __call__(self, user: User, password_hash: str, session: Session) -> None:
        """Raises `WrongPassword` if it was changed meanwhile."""
        async with self.events.together():
            if not await self.users.change_password(user, password_hash, self.clock(), keep=session.id):
                raise WrongPassword
            await self.events.record(Event(What.PASSWORD_CHANGED, user=user.id, session=session.id))
        self.announcer.soon()


@dataclass(frozen=True)
class ChangePassword:
    """Asks for the current password and for a second factor of just now."""

    users: Users
    confirm: ConfirmPassword
    passwords: NewPasswords
    replace: ReplacePassword
    clock: Clock

    async def __call__(self, session: Session, current: str, new: str, caller: Caller) -> None:
        """Raises `NotFresh`, `WrongPassword`, `WeakPassword`, `TooManyAttempts`, `Overloaded`."""
        if session.authenticated_at + FRESH <= self.clock():
            raise NotFresh(FRESH)
        user = await self.users.by_id(session.user_id)
        if user is None:
            raise WrongPassword
        async with self.confirm.guard.session_turn(session.id), self.passwords.place():
            await self.confirm(user, session, normalised(current), caller)
            chosen = normalised(new)
            await self.passwords.require_acceptable(chosen, user.email)
            await self.replace(user, await self.passwords.hash(chosen), session)
