"""Slows guessing down: which tallies a try is counted in, and what each of them means."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from services.auth.model.caller import Caller
from services.auth.model.email import Email
from services.auth.model.errors import TooManyAttempts
from services.auth.model.lockout import Counter, Limits
from services.auth.ports import Attempts, Turns


@dataclass(frozen=True)
class Guard:
    """Counts tries before their passwords are looked at. With Valkey away nothing can be counted, so nobody gets in."""

    attempts: Attempts
    turns: Turns
    networks: Turns
    limits: Limits
    clock: Clock

    def turn(self, email: Email) -> AbstractAsyncContextManager[None]:
        """Sign-ins to one account come one after the other.

        A try counts as a failure until its hash says otherwise: a person's own tries at the same moment, each with the
        right password, would lock each other out.
        """
        return self.turns.turn(email.key)

    def network_turn(self, caller: Caller) -> AbstractAsyncContextManager[None]:
        """Sign-ins of one network have as many at once as there are hashing places, and wait outside of the pool.

        One that is right is not counted: without this, a single machine that signs in to accounts of its own without
        end would fill the pool's queue, and everybody else would be told that it is full.
        """
        return self.networks.turn(caller.network)

    def registration_turn(self, caller: Caller) -> AbstractAsyncContextManager[None]:
        """Registrations of one network come a few at a time.

        Each costs what a sign-in costs, and one that succeeds is not counted: a single machine that registers without
        end would take all hashing places, and nobody could sign in.
        """
        return self.turns.turn(f"registrations of {caller.network}")

    async def require_calm_network(self, caller: Caller) -> None:
        """Counts a sign-in; raises `TooManyAttempts`, which tells nothing about any account."""
        await self._require(Counter(self.limits.login_network, caller.network))

    async def is_locked(self, email: Email, caller: Caller) -> bool:
        """Counts a guess at this account. A locked account looks like a wrong password, so this raises nothing."""
        return await self.attempts.count(self._guesses(email, caller), self.clock()) > timedelta()

    async def forget_guesses(self, email: Email, caller: Caller) -> None:
        """The password was right: the account starts afresh, the network gets this one try back and no more."""
        await self.attempts.clear(self._guesses(email, caller))
        await self.attempts.forgive(Counter(self.limits.login_network, caller.network), self.clock())

    async def require_calm_registrations(self, caller: Caller) -> None:
        """Counts a registration; raises `TooManyAttempts`.

        Failures stay counted: "is this address taken?" must not be asked without end, nor how strong some text is.
        """
        await self._require(Counter(self.limits.register_network, caller.network))

    async def forgive_registration(self, caller: Caller) -> None:
        """Nothing was wrong with it, so it does not count: a thousand new people may share a network."""
        await self.attempts.forgive(Counter(self.limits.register_network, caller.network), self.clock())

    async def _require(self, counter: Counter) -> None:
        wait = await self.attempts.count([counter], self.clock())
        if wait:
            raise TooManyAttempts(wait)

    def _guesses(self, email: Email, caller: Caller) -> list[Counter]:
        return [
            Counter(self.limits.login_pair, email.key, caller.network),
            Counter(self.limits.login_account, email.key),
        ]
