"""How guessing is slowed down: a number of free tries, which leak away with time, then pauses that double.

Three tallies of each sign-in, each with its own reason:

- `login_pair`, one account from one network: strict. It is the one that people meet. An attacker elsewhere locks only
  himself out of the account, not the owner: a lock on the account alone would be a weapon of anybody against anybody.
- `login_account`, one account from anywhere: wide, so that a botnet is slowed to one guess in half an hour after some
  fifty (NIST SP 800-63B section 3.2.2 asks for a bound), and so that it takes a botnet to get in the owner's way.
- `login_network`, one network against any account: a list of stolen passwords tried on many accounts, each once. It is
  a rate rather than a lock, for a whole company may share a network, and some of them always mistype.

`register_network` is of the same kind, for registrations that fail: who registers taken addresses asks which people
have an account here.

A try is counted before the password is looked at, and not counted while a pause lasts: neither parallel guesses nor a
person's impatience lengthen or slip through it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Limit:
    """`free` tries, then after each further one a pause: `first_pause`, doubled up to `longest_pause`.

    The free tries come back evenly within `memory`.
    """

    name: str
    free: int
    first_pause: timedelta
    longest_pause: timedelta
    memory: timedelta

    @property
    def leak(self) -> timedelta:
        """The time in which one try is forgotten, in whole milliseconds."""
        return self.memory // MILLISECOND // self.free * MILLISECOND

    def pause_after(self, count: int) -> timedelta:
        """How long nothing is allowed after try number `count`."""
        if count < self.free:
            return timedelta()
        doublings = min(count - self.free, 30)
        return min(self.first_pause * float(2**doublings), self.longest_pause)


@dataclass(frozen=True)
class Limits:
    """The limits of this service. How many tries are free is the operator's to say; how the pauses grow is not."""

    login_pair: Limit
    login_account: Limit
    login_network: Limit
    register_network: Limit


def limits(*, pair: int, account: int, network: int, registrations: int) -> Limits:
    """Each with so many free tries."""
    return Limits(
        login_pair=Limit("login_pair", pair, MINUTE / 2, 15 * MINUTE, 60 * MINUTE),
        login_account=Limit("login_account", account, MINUTE, 60 * MINUTE, 24 * 60 * MINUTE),
        login_network=Limit("login_network", network, MINUTE, 15 * MINUTE, 15 * MINUTE),
        register_network=Limit("register_network", registrations, MINUTE, 15 * MINUTE, 60 * MINUTE),
    )


@dataclass(frozen=True)
class Tally:
    """`empty_at`: when all tries will have leaked away, thus how many there are. `blocked_until`: no other before then.

    Processes' clocks differ a little, and requests overtake each other: where there is no pause none is written down.
    """

    empty_at: datetime
    blocked_until: datetime | None = None

    def count(self, limit: Limit, now: datetime) -> int:
        """The tries that are remembered, a partly forgotten one included."""
        return max(0, -(-(self.empty_at - now) // limit.leak))


@dataclass(frozen=True)
class Counter:
    """A tally's name: what is limited, of whom (`owner`), and in which respect (`detail`)."""

    limit: Limit
    owner: str
    detail: str = ""


def time_to_wait(tally: Tally | None, now: datetime) -> timedelta:
    """Zero when a try is allowed."""
    until = tally.blocked_until if tally else None
    return max(until - now, timedelta()) if until else timedelta()


def counted(tally: Tally | None, limit: Limit, now: datetime) -> Tally:
    """The tally with one more try in it."""
    empty_at = max(tally.empty_at if tally else now, now) + limit.leak
    pause = limit.pause_after(Tally(empty_at).count(limit, now))
    return Tally(empty_at, now + pause if pause else None)


def forgiven(tally: Tally, limit: Limit, now: datetime) -> Tally:
    """The tally with one try less: it was no guess after all. Its pause goes if free tries are left."""
    fewer = Tally(tally.empty_at - limit.leak, tally.blocked_until)
    return fewer if fewer.count(limit, now) >= limit.free else Tally(fewer.empty_at)
