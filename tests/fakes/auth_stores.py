"""The stores of services.auth in memory, held to the same contract suites as PostgreSQL and Valkey.

users, sessions = FakeUsers(), FakeSessions(users)
families = FakeFamilies(sessions)
users.disable(user_id, now)
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.audit.entry import Entry
from chassis.audit.recorder import Riding, row_of
from countersign.claims import Disavowal
from services.auth.model.client import JsonWebKey, Secret, ServiceClient
from services.auth.model.credentials import Assertion
from services.auth.model.email import Email
from services.auth.model.ended import Ended
from services.auth.model.errors import EmailTaken, Overloaded
from services.auth.model.events import Event, What
from services.auth.model.family import Family
from services.auth.model.registration import Unregistrable
from services.auth.model.session import End, Proofs, Session
from services.auth.model.user import User
from services.auth.model.weakness import Weakness


@dataclass
class FakeUsers:
    """Implements `Users`."""

    by_key: dict[str, User] = field(default_factory=dict)
    lookups: int = 0
    changed_at: dict[str, datetime] = field(default_factory=dict)
    voided_at: dict[str, datetime] = field(default_factory=dict)
    disavowed: dict[str, datetime] = field(default_factory=dict)
    on_change: list[Any] = field(default_factory=list)

    async def by_email(self, email: Email) -> User | None:
        self.lookups += 1
        return self.by_key.get(email.key)

    async def add(self, user: User) -> None:
        if user.email.key in self.by_key:
            raise EmailTaken
        self.by_key[user.email.key] = user

    async def by_id(self, user_id: str) -> User | None:
        return next((user for user in self.by_key.values() if user.id == user_id), None)

    async def change_password(self, user: User, password_hash: str, now: datetime, *, keep: str) -> bool:
        if self.by_key[user.email.key].password_hash != user.password_hash:
            return False
        await self.replace_hash(user, password_hash)
        self.changed_at[user.id] = now
        for end_others in self.on_change:
            await end_others(user.id, End.PASSWORD_CHANGED, now, keep=keep)
        return True

    async def replace_hash(self, user: User, password_hash: str) -> None:
        if self.by_key[user.email.key].password_hash == user.password_hash:
            self.by_key[user.email.key] = replace(self.by_key[user.email.key], password_hash=password_hash)

    async def set_groups(self, user_id: str, groups: frozenset[str]) -> bool:
        user = await self.by_id(user_id)
        if user is not None:
            self.by_key[user.email.key] = replace(user, groups=groups)
        return user is not None

    async def disable(self, user_id: str, now: datetime | None) -> None:
        """An operator's act: see `FakeRoll`."""
        user = self.find(user_id)
        self.by_key[user.email.key] = replace(user, disabled_at=now)

    def find(self, user_id: str) -> User:
        return next(user for user in self.by_key.values() if user.id == user_id)


@dataclass
class Row:
    """A session with what the store knows beside it."""

    session: Session
    proofs: Proofs
    family: Family
    ended_at: datetime | None = None
    reason: End | None = None
    announced_at: datetime | None = None


@dataclass
class FakeSessions:
    """Implements `Sessions`."""

    users: FakeUsers
    events: "RecordedEvents" = field(default_factory=lambda: RecordedEvents())
    rows: dict[str, Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.users.on_change.append(self.end_all)

    async def open(self, session: Session, proofs: Proofs, family: Family) -> Session | None:
        spent = any(
            proofs.partial_id == row.proofs.partial_id or proofs.receipt_id == row.proofs.receipt_id
            for row in self.rows.values()
        )
        changed_at = self.users.changed_at.get(session.user_id)
        is_old = changed_at is not None and changed_at >= proofs.password_at + timedelta(seconds=1)
        voided_at = self.users.voided_at.get(session.user_id)
        is_void = voided_at is not None and voided_at >= proofs.password_at
        is_void = is_void or session.user_id in self.users.disavowed
        if spent or is_old or is_void or not self.may_sign_in(session.user_id):
            return None
        self.rows[session.id] = Row(session, proofs, family)
        self.events.riding(Event(What.SESSION_OPENED, user=session.user_id, session=session.id)).stands()
        return self.seen(self.rows[session.id])

    async def by_id(self, session_id: str, now: datetime) -> Session | None:
        row = self.rows.get(session_id)
        return self.seen(row) if row and self.is_open(row, now) else None

    async def of_user(self, user_id: str, now: datetime) -> Sequence[Session]:
        theirs = [
            self.seen(row) for row in self.rows.values() if row.session.user_id == user_id and self.is_open(row, now)
        ]
        return sorted(theirs, key=lambda session: session.opened_at, reverse=True)

    async def end(self, user_id: str, session_id: str, reason: End, now: datetime) -> bool:
        row = self.rows.get(session_id)
        if row is None or row.session.user_id != user_id or row.ended_at or row.session.expires_at <= now:
            return False
        row.ended_at, row.reason = now, reason
        return True

    async def end_all(self, user_id: str, reason: End, now: datetime, *, keep: str | None = None) -> int:
        theirs = [id_ for id_, row in self.rows.items() if row.session.user_id == user_id and id_ != keep]
        return sum([await self.end(user_id, id_, reason, now) for id_ in theirs])

    def seen(self, row: Row) -> Session:
        """With the person's groups of this moment."""
        return replace(row.session, groups=self.users.find(row.session.user_id).groups)

    def may_sign_in(self, user_id: str) -> bool:
        return any(user.id == user_id and user.disabled_at is None for user in self.users.by_key.values())

    def is_open(self, row: Row, now: datetime) -> bool:
        return row.ended_at is None and row.session.expires_at > now and self.may_sign_in(row.session.user_id)


@dataclass
class FakeRoll:
    """Implements `Roll`."""

    sessions: FakeSessions

    async def page(self, part: str, after: str, most: int) -> Sequence[User]:
        keys = [key for key in sorted(self.sessions.users.by_key) if key > after and part.casefold() in key]
        return [self.sessions.users.by_key[key] for key in keys[:most]]

    async def disable(self, user_id: str, now: datetime) -> int:
        if self.sessions.users.find(user_id).disabled_at is None:
            await self.sessions.users.disable(user_id, now)
        return await self.sign_out(user_id, End.DISABLED, now)

    async def expire_password(self, user_id: str, now: datetime) -> int:
        disavowed = self.sessions.users.disavowed
        disavowed[user_id] = max(now, disavowed.get(user_id, now))
        return await self.sessions.end_all(user_id, End.OPERATOR, now)

    async def enable(self, user_id: str) -> None:
        await self.sessions.users.disable(user_id, None)

    async def sign_out(self, user_id: str, reason: End, now: datetime) -> int:
        self.sessions.users.voided_at[user_id] = now
        return await self.sessions.end_all(user_id, reason, now)


@dataclass
class FakeTwofactor:
    """Implements `Twofactor`; `fails` is raised from every call."""

    factors: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    fails: Exception | None = None

    async def reset(self, user: User, reason: str) -> tuple[int, str]:
        self._hear("reset", user.id, reason)
        return self.factors.pop(user.id, 0), f"code for {user.email.address}"

    async def void(self, user_id: str, reason: str) -> None:
        self._hear("void", user_id, reason)

    def _hear(self, what: str, user_id: str, reason: str) -> None:
        if self.fails:
            raise self.fails
        self.asked.append((what, user_id, reason))


@dataclass
class FakeDisavowals:
    """Implements `ports_of_renewals.Disavowals`."""

    users: FakeUsers
    sessions: FakeSessions
    heard: set[str] = field(default_factory=set)

    async def heed(self, said: Disavowal, now: datetime) -> bool:
        if said.id in self.heard or await self.users.by_id(said.subject) is None:
            return False
        self.heard.add(said.id)
        until = said.said_at + timedelta(seconds=1)
        self.users.disavowed[said.subject] = max(until, self.users.disavowed.get(said.subject, until))
        await self.sessions.end_all(said.subject, End.DISAVOWED, now)
        return True

    async def confirmed_since(self, user_id: str, confirmed_at: datetime) -> bool:
        marked = self.users.disavowed.get(user_id)
        return marked is not None and marked <= confirmed_at

    async def renew_password(self, user: User, password_hash: str, confirmed_at: datetime, now: datetime) -> bool:
        known = await self.users.by_id(user.id)
        if known is None or known.disabled_at or known.password_hash != user.password_hash:
            return False
        if not await self.confirmed_since(user.id, confirmed_at):
            return False
        await self.users.replace_hash(user, password_hash)
        self.users.changed_at[user.id] = now
        del self.users.disavowed[user.id]
        return True


@dataclass
class FakeFamilies:
    """Implements `Families`."""

    sessions: FakeSessions

    async def by_id(self, family_id: str) -> tuple[Family, Session] | None:
        row = self._row(family_id)
        if row is None:
            return None
        is_open = row.ended_at is None and self.sessions.may_sign_in(row.session.user_id)
        return replace(row.family, is_open=is_open), self.sessions.seen(row)

    async def replace(self, old: Family, new: Family) -> bool:
        row = self._row(old.id)
        if row is None or row.ended_at or (row.family.generation, row.family.digest) != (old.generation, old.digest):
            return False
        row.family = new
        row.session = replace(row.session, last_used_at=new.rotated_at)
        return True

    def _row(self, family_id: str) -> Row | None:
        return next((row for row in self.sessions.rows.values() if row.family.id == family_id), None)


class FakeDevices:
    """Implements `Devices`: the account's own address is the token."""

    def remember(self, email: Email) -> str:
        return f"device of {email.key}"

    def known(self, text: str, email: Email) -> str:
        return text if text == self.remember(email) else ""


@dataclass
class FakePasswords:
    """Implements `Passwords`: `plain:` and the password, so that a test can read it. `verifications` counts the work."""

    parameters: str = "v1"
    full: bool = False
    verifications: int = 0
    hashes: int = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        if self.full:
            raise Overloaded
        yield

    async def hash(self, password: str) -> str:
        self.hashes += 1
        return f"{self.parameters}:{password}"

    async def matches(self, password_hash: str | None, password: str) -> bool:
        self.verifications += 1
        return password_hash is not None and password_hash.partition(":")[2] == password

    def needs_rehash(self, password_hash: str) -> bool:
        return password_hash.partition(":")[0] != self.parameters


@dataclass
class FakeStrength:
    """Implements `Strength`: what a test calls weak."""

    weak: dict[str, Weakness] = field(default_factory=dict)

    async def weakness(self, password: str, personal: Sequence[str]) -> Weakness | None:
        return self.weak.get(password)


@dataclass
class RecordedEvents:
    """Implements `Events` and `Rides`."""

    all: list[Event] = field(default_factory=list)

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        before = len(self.all)
        try:
            yield
        except BaseException:
            del self.all[before:]
            raise

    async def record(self, event: Event) -> None:
        self.all.append(event)

    def riding(self, event: Event) -> Riding:
        """Told once the statement that it is part of has changed something."""
        row = row_of(Entry(datetime(2026, 1, 2, tzinfo=UTC), event.what, user=event.user))
        return Riding(row, lambda: self.all.append(event))

    def note(self, event: Event) -> None:
        self.all.append(event)

    def whats(self) -> list[What]:
        return [event.what for event in self.all]


@dataclass
class FakeOutbox:
    """Implements `Outbox`, over the rows of `FakeSessions`."""

    sessions: FakeSessions

    @asynccontextmanager
    async def take(self, now: datetime) -> AsyncIterator[Sequence[Ended]]:
        owed = [row for row in self.sessions.rows.values() if row.ended_at and not row.announced_at]
        yield [Ended(row.session.id, row.ended_at) for row in owed if row.ended_at]
        for row in owed:
            row.announced_at = now

    async def repeat(self, since: datetime) -> None:
        for row in self.sessions.rows.values():
            if row.ended_at and row.ended_at > since:
                row.announced_at = None


@dataclass
class FakeFeed:
    """Implements `Feed`; `away` raises from every call."""

    told: list[Ended] = field(default_factory=list)
    name: str = "first"
    away: Exception | None = None

    async def life(self) -> str:
        self._require_here()
        return self.name

    async def add(self, ended: Sequence[Ended]) -> None:
        self._require_here()
        self.told += ended

    def _require_here(self) -> None:
        if self.away:
            raise self.away


@dataclass
class FakeAnnouncer:
    """Implements `Announcer`."""

    rung: int = 0

    def soon(self) -> None:
        self.rung += 1


@dataclass
class FakeServiceClients:
    """Implements `ServiceClients` and `ClientRegister`."""

    clients: dict[str, ServiceClient] = field(default_factory=dict)

    async def by_id(self, client_id: str) -> ServiceClient | None:
        return self.clients.get(client_id)

    async def all(self) -> Sequence[ServiceClient]:
        return [self.clients[name] for name in sorted(self.clients)]

    async def add(self, client: ServiceClient) -> None:
        if client.id in self.clients:
            raise Unregistrable("taken")
        self.clients[client.id] = client

    async def replace_secret(self, client_id: str, digest: bytes, old_until: datetime) -> None:
        client = self._require(client_id)
        old = tuple(Secret(secret.digest, old_until) for secret in client.secrets[:1])
        self.clients[client_id] = replace(client, secrets=(Secret(digest), *old))

    async def replace_keys(self, client_id: str, keys: Sequence[JsonWebKey]) -> None:
        self.clients[client_id] = replace(self._require(client_id), keys=tuple(keys))

    async def disable(self, client_id: str, now: datetime) -> None:
        client = self._require(client_id)
        self.clients[client_id] = replace(client, disabled_at=client.disabled_at or now)

    def _require(self, client_id: str) -> ServiceClient:
        if client_id not in self.clients:
            raise Unregistrable("unknown")
        return self.clients[client_id]


@dataclass
class FakeSpentAssertions:
    """Implements `SpentAssertions`."""

    spent: set[tuple[str, str]] = field(default_factory=set)

    async def spend(self, client_id: str, assertion: Assertion, now: datetime) -> bool:
        is_new = (client_id, assertion.id) not in self.spent
        self.spent.add((client_id, assertion.id))
        return is_new
