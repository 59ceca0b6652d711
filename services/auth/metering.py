"""Counts what happens, from the outside: stores and ports that count what passes, and flows that know nothing of it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from chassis.audit.recorder import Riding
from chassis.clock import Clock
from chassis.meters import Meters
from chassis.transactions import JoiningPool
from services.auth import meters as named
from services.auth.crypto.hash_pool import HashPool
from services.auth.model.ended import Ended
from services.auth.model.events import Event, What
from services.auth.model.family import Family
from services.auth.model.session import End, Proofs, Session
from services.auth.ports_of_ended import Feed
from services.auth.store.event_log import EventLog, Rides
from services.auth.store.families import PostgresFamilies
from services.auth.store.sessions import PostgresSessions

# What every `amr` of ours may hold beside the method itself.
_SHARED = frozenset({"pwd", "mfa", "mca"})
# Of which a serving process hears; an operator's commands end sessions in a process of their own.
ENDED = (End.REVOKED, End.REFRESH_REUSED, End.DISAVOWED)


class MeasuredEvents:
    """Implements `Events`: the record itself says what came of a sign-in."""

    def __init__(self, inner: EventLog, meters: Meters) -> None:
        self.inner = inner
        logins = meters.counter(named.LOGINS).begin("accepted", "wrong_password", "unknown", "locked", "disabled")
        exchanges = meters.counter(named.EXCHANGES).begin("opened")
        changes = meters.counter(named.PASSWORD_CHANGES)
        registrations = meters.counter(named.REGISTRATIONS)
        refreshes = meters.counter(named.REFRESHES).begin("rotated", "raced", "reused")
        ended = meters.counter(named.SESSIONS_ENDED).begin("signed_out", "others", "global", *ENDED)
        clients = meters.counter(named.CLIENTS_REFUSED)
        self.counting: dict[What, Callable[[str], None]] = {
            What.REGISTERED: lambda _: registrations().inc(),
            What.LOGIN_ACCEPTED: lambda _: logins("accepted").inc(),
            What.LOGIN_REFUSED: lambda reason: logins(reason).inc(),
            What.EXCHANGE_REFUSED: lambda reason: exchanges(reason or "refused").inc(),
            What.SESSION_OPENED: lambda _: exchanges("opened").inc(),
            What.SESSION_ENDED: lambda reason: ended(reason).inc(),
            What.PASSWORD_DISAVOWED: lambda _: ended(End.DISAVOWED).inc(),
            What.REFRESH_REUSED: lambda _: refreshes("reused").inc(),
            What.PASSWORD_CHANGED: lambda _: changes("changed").inc(),
            What.PASSWORD_REFUSED: lambda reason: changes(reason or "refused").inc(),
            What.CLIENT_REFUSED: lambda reason: clients(reason).inc(),
        }

    def together(self) -> AbstractAsyncContextManager[None]:
        return self.inner.together()

    async def record(self, event: Event) -> None:
        await self.inner.record(event)
        self._count(event)

    def riding(self, event: Event) -> Riding:
        """As `EventLog` has it."""
        riding = self.inner.riding(event)

        def stands() -> None:
            riding.stands()
            self._count(event)

        return Riding(riding.row, stands)

    def note(self, event: Event) -> None:
        self.inner.note(event)
        self._count(event)

    def _count(self, event: Event) -> None:
        count = self.counting.get(event.what)
        if count is not None:
            count(event.reason)


class MeasuredSessions(PostgresSessions):
    """Counts by which factor they were opened."""

    def __init__(self, pool: JoiningPool, events: Rides, meters: Meters) -> None:
        super().__init__(pool, events)
        self.opened = meters.counter(named.SESSIONS_OPENED).begin("swk", "otp", "sms", "tel", "recovery")

    async def open(self, session: Session, proofs: Proofs, family: Family) -> Session | None:
        opened = await super().open(session, proofs, family)
        if opened is not None:
            self.opened(next((method for method in opened.amr if method not in _SHARED), "none")).inc()
        return opened


class MeasuredFamilies(PostgresFamilies):
    """Counts rotations: every one is a `replace`."""

    def __init__(self, pool: JoiningPool, meters: Meters) -> None:
        super().__init__(pool)
        self.refreshes = meters.counter(named.REFRESHES)

    async def replace(self, old: Family, new: Family) -> bool:
        is_first = await super().replace(old, new)
        self.refreshes("rotated" if is_first else "raced").inc()
        return is_first


class MeasuredFeed:
    """Implements `Feed`: how long a session had been over when everybody could hear of it."""

    def __init__(self, inner: Feed, meters: Meters, clock: Clock) -> None:
        self.inner, self.clock, self.delay = inner, clock, meters.histogram(named.ANNOUNCED)()

    async def life(self) -> str:
        return await self.inner.life()

    async def add(self, ended: Sequence[Ended]) -> None:
        await self.inner.add(ended)
        for each in ended:
            self.delay.observe(max(0.0, (self.clock() - each.at).total_seconds()))


def watch_hashing(meters: Meters, pool: HashPool) -> None:
    """The hash pool, read when somebody looks."""
    meters.watch_one(named.HASH_PLACES, lambda: pool.taken)
    meters.watch_one(named.HASH_PLACES_MOST, lambda: pool.places)
    meters.watch_one(named.HASH_REFUSED, lambda: pool.refused)
