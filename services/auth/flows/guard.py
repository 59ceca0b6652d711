"""Slows guessing down: in which limits a try is counted, and what each of them means (`model/limits.py`)."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from chassis.asked import both
from chassis.limits import Count, Limiter, Take
from services.auth.model.caller import Caller
from services.auth.model.email import Email
from services.auth.model.errors import TooManyAttempts
from services.auth.model.limits import Limits
from services.auth.ports import Devices, Turns


@dataclass(frozen=True)
class Guess:
    """A password that is about to be looked at, and where it was counted. Locked: its answer is no, whatever it is.

    `device`: the id of a device that the account knows, "" on any other.
    """

    is_locked: bool
    network: Take
    counted: Take
    cleared: tuple[Count, ...]
    device: str = ""


@dataclass(frozen=True)
class Guard:
    """Counts tries before their passwords are looked at. With Valkey away nothing can be counted, so nobody gets in."""

    limiter: Limiter
    limits: Limits
    devices: Devices
    turns: Turns
    networks: Turns

    def turn(self, email: Email, caller: Caller) -> AbstractAsyncContextManager[None]:
        """Sign-ins to one account come one after the other; those from a device it knows have a queue of their own.

        A try counts as a failure until its hash says otherwise: a person's own tries at the same moment, each with the
        right password, would lock each other out.
        """
        return self.turns.turn(f"{email.key} {self.devices.known(caller.device, email)}")

    def session_turn(self, session_id: str) -> AbstractAsyncContextManager[None]:
        """Confirmations of one session come one after the other, whoever signs in meanwhile."""
        return self.turns.turn(f"confirmations of {session_id}")

    def network_turn(self, caller: Caller) -> AbstractAsyncContextManager[None]:
        """Sign-ins of one network have as many at once as there are hashing places, and wait outside of the pool.

        One that is right is not counted: without this, a single machine that signs in to accounts of its own without
        end would fill the pool's queue, and everybody else would be told that it is full.
        """
        return self.networks.turn(caller.network)

    def registration_turn(self, caller: Caller) -> AbstractAsyncContextManager[None]:
        """Registrations of one network come a few at a time: each costs what a sign-in costs, and comes out of the
        same hashing places.
        """
        return self.turns.turn(f"registrations of {caller.network}")

    async def count_login(self, email: Email, caller: Caller) -> Guess:
        """Counts a guess at this account; raises `TooManyAttempts` for its network, which tells nothing of it."""
        device = self.devices.known(caller.device, email)
        if device:
            # Others who guess at this account are not in its way, and this device is not in theirs.
            own = self.limits.login_device.by(email.key, device)
            return replace(await self._guess(caller, (own,), cleared=(own,)), device=device)
        pair = self.limits.login_pair.by(email.key, caller.network)
        # One right password does not clear what a botnet has tried: it would begin again after each of the owner's.
        return await self._guess(caller, (pair, self.limits.login_account.by(email.key)), cleared=(pair,))

    async def count_confirmation(self, session_id: str, caller: Caller) -> Guess:
        """Counts a guess at the current password from inside of a session; raises `TooManyAttempts`."""
        own = self.limits.confirm_session.by(session_id)
        return await self._guess(caller, (own,), cleared=(own,))

    async def was_right(self, guess: Guess) -> None:
        """No guess after all: the network gets this one try back and no more, one's own mistakes are forgotten."""
        network, counted = guess.network, guess.counted
        kept = [count for count in counted.counts if count not in guess.cleared]
        # Side by side, so that they travel together: what a login pays for is each way to Valkey and back.
        returned = self.limiter.give_back(*network.counts, at=network.at), self.limiter.give_back(*kept, at=counted.at)
        await self.limiter.clear(*guess.cleared)
        await both(*returned)

    async def count_registration(self, caller: Caller) -> Take:
        """Counts a registration as one that fails; raises `TooManyAttempts`.

        Failures stay counted: "is this address taken?" must not be asked without end, nor how strong some text is.
        """
        return await self._require_room(self.limits.register_failed.by(caller.network))

    async def count_account(self, caller: Caller, registration: Take) -> None:
        """Nothing was wrong with it: it counts as an account instead; raises `TooManyAttempts`."""
        await self._require_room(
            self.limits.register_network.by(caller.network), self.limits.register_everybody.by("everybody")
        )
        await self.limiter.give_back(*registration.counts, at=registration.at)

    async def _guess(self, caller: Caller, counts: tuple[Count, ...], *, cleared: tuple[Count, ...]) -> Guess:
        # Side by side, too: nearly every try finds room in both.
        in_network = self.limits.login_network.by(caller.network)
        network, counted = await both(self.limiter.take(in_network), self.limiter.take(*counts))
        if network.refused:
            # Nobody has looked at a password: a network that is shut out uses up no account's tries.
            await self.limiter.give_back(*counted.counts, at=counted.at)
            raise TooManyAttempts(network.retry_after)
        return Guess(bool(counted.refused), network, counted, cleared)

    async def _require_room(self, *counts: Count) -> Take:
        take = await self.limiter.take(*counts)
        if take.refused:
            raise TooManyAttempts(take.retry_after)
        return take
