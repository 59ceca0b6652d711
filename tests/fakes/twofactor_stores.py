"""twofactor's stores in memory, held to the same contract tests as the real ones."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from chassis.audit.entry import Entry
from chassis.audit.recorder import Riding, row_of, rows_of
from services.twofactor.model.challenge import CODE_WANTED, Challenge, Status
from services.twofactor.model.channel import Delivery
from services.twofactor.model.disavowal import Disavowal
from services.twofactor.model.errors import AccessDenied, ChallengePending, LastFactor, TooManyChallenges
from services.twofactor.model.events import AuditEvent, What, of_challenge
from services.twofactor.model.factor import Enrolment, Word
from services.twofactor.model.push_pace import PushPace
from services.twofactor.model.receipt import ReceiptFacts
from tests.fakes.clock import FakeClock

T = TypeVar("T")


def answered(answer: T) -> Awaitable[T]:
    """What is done when it has been asked, whether or not somebody waits for it."""
    known = asyncio.get_running_loop().create_future()
    known.set_result(answer)
    return known


@dataclass
class Place:
    """A login's one place: how many have been in it, and who is."""

    count: int
    id: str
    taken: bool


@dataclass
class FakeChallenges:
    """Implements `ports.Challenges`. `announced` holds what was told, in order."""

    stored: dict[tuple[str, str], Challenge] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    announced: list[tuple[str, str, str]] = field(default_factory=list)

    async def open(self, challenge: Challenge, *, at_most: int) -> None:
        place = self.places.get(challenge.login, Place(0, "", taken=False))
        if place.taken and place.id == challenge.id:
            return
        if place.taken:
            raise ChallengePending(place.id)
        if place.count >= at_most:
            raise TooManyChallenges
        self.places[challenge.login] = Place(place.count + 1, challenge.id, taken=True)
        self.stored[challenge.login, challenge.id] = _to_the_millisecond(challenge)

    async def by_id(self, login: str, challenge_id: str) -> Challenge | None:
        return self.stored.get((login, challenge_id))

    async def latest(self, login: str) -> Challenge | None:
        place = self.places.get(login)
        return self.stored.get((login, place.id)) if place else None

    async def move(self, moved: Challenge, *, expected: Status, closes: bool) -> bool:
        current = self.stored.get((moved.login, moved.id))
        if current is None or current.status is not expected:
            return False
        meanwhile = {"reference": current.reference, "delivery": current.delivery, "tries_left": current.tries_left}
        self.stored[moved.login, moved.id] = _to_the_millisecond(replace(moved, **meanwhile))
        place = self.places[moved.login]
        if closes and place.id == moved.id:
            place.taken = False
        self.announced.append((moved.id, moved.status.value, moved.reason))
        return True

    async def bind(self, challenge: Challenge, reference: str) -> str:
        current = self.stored.get((challenge.login, challenge.id))
        if current is None:
            return ""
        bound = current.reference or reference
        self.stored[challenge.login, challenge.id] = replace(current, reference=bound, delivery=Delivery.PUSH)
        return bound

    async def delivered(self, challenge: Challenge, delivery: Delivery) -> None:
        if current := self.stored.get((challenge.login, challenge.id)):
            self.stored[challenge.login, challenge.id] = replace(current, delivery=delivery)

    def take_try(self, challenge: Challenge) -> Awaitable[int | None]:
        current = self.stored.get((challenge.login, challenge.id))
        if current is None or current.status not in CODE_WANTED or current.tries_left < 1:
            return answered(None)
        self.stored[challenge.login, challenge.id] = replace(current, tries_left=current.tries_left - 1)
        return answered(current.tries_left - 1)

    async def give_try_back(self, challenge: Challenge) -> None:
        current = self.stored.get((challenge.login, challenge.id))
        if current is not None and current.status in CODE_WANTED:
            self.stored[challenge.login, challenge.id] = replace(current, tries_left=current.tries_left + 1)


@dataclass
class FakeLogins:
    """Implements `ports_of_operators.Logins`."""

    noted: dict[str, dict[str, datetime]] = field(default_factory=dict)
    voided: dict[str, datetime] = field(default_factory=dict)

    async def note(self, user: str, login: str, until: datetime, now: datetime) -> None:
        self.noted.setdefault(user, {})[login] = until

    async def of_user(self, user: str, now: datetime) -> Sequence[str]:
        theirs = self.noted.get(user, {})
        return sorted((login for login, until in theirs.items() if until >= now), key=lambda login: theirs[login])

    async def void(self, user: str, now: datetime) -> None:
        self.voided[user] = now

    def voided_at(self, user: str) -> Awaitable[datetime | None]:
        return answered(self.voided.get(user))


@dataclass
class FakePushPaces:
    """Implements `ports_of_pushes.PushPaces`; nothing is forgotten by itself."""

    kept: dict[str, PushPace] = field(default_factory=dict)

    def of(self, user: str) -> Awaitable[PushPace]:
        return answered(self.kept.get(user, PushPace()))

    async def replace(self, user: str, old: PushPace, new: PushPace, life: timedelta) -> bool:
        if self.kept.get(user, PushPace()) != old:
            return False
        self.kept[user] = new
        return True


@dataclass
class FakePushEnds:
    """Implements `ports_of_pushes.PushEnds`."""

    due: dict[tuple[str, str], datetime] = field(default_factory=dict)

    async def note(self, challenge: Challenge) -> None:
        self.due[challenge.login, challenge.id] = challenge.expires_at

    async def take(self, now: datetime) -> Sequence[tuple[str, str]]:
        some = [each for each, at in self.due.items() if at <= now][:20]
        self.due |= dict.fromkeys(some, now + timedelta(seconds=15))
        return some

    async def forget(self, login: str, challenge_id: str) -> None:
        self.due.pop((login, challenge_id), None)


@dataclass
class FakeDisavowals:
    """Implements `ports_of_pushes.Disavowals`. `told` are ids."""

    rows: dict[str, Disavowal] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    async def has(self, disavowal_id: str) -> bool:
        return disavowal_id in self.rows

    async def add(self, said: Disavowal) -> bool:
        is_new = said.id not in self.rows
        self.rows.setdefault(said.id, said)
        return is_new

    @asynccontextmanager
    async def take(self, now: datetime) -> AsyncIterator[Sequence[Disavowal]]:
        some = sorted((r for r in self.rows.values() if r.id not in self.told), key=lambda row: row.said_at)[:100]
        yield some
        self.told |= {row.id for row in some}

    async def repeat(self, since: datetime) -> None:
        self.told -= {row.id for row in self.rows.values() if row.said_at > since}


@dataclass
class FakeEnrolments:
    """Implements `ports.Enrolments`."""

    rows: list[tuple[Enrolment, str]] = field(default_factory=list)

    async def of_user(self, user: str) -> Sequence[Enrolment]:
        return [row for row, _ in self.rows if row.user == user]

    async def by_id(self, user: str, enrolment_id: str) -> Enrolment | None:
        return next((row for row in await self.of_user(user) if row.id == enrolment_id), None)

    async def add(self, enrolment: Enrolment, *, email: str, only_first: bool) -> bool:
        phone = (enrolment.provider, enrolment.account)
        theirs = [(row.provider, row.account) for row in await self.of_user(enrolment.user)]
        if only_first and any(other != phone for other in theirs):
            return False
        if phone not in theirs:
            self.rows.append((enrolment, email))
        return True

    async def remove_all(self, user: str) -> Sequence[tuple[Enrolment, bool]]:
        return [(row, self.forget(row)) for row in await self.of_user(user)]

    def has(self, enrolment_id: str) -> bool:
        """What the rows of other tables hang on."""
        return any(row.id == enrolment_id for row, _ in self.rows)

    async def email_of(self, user: str) -> str | None:
        return next((email for row, email in reversed(self.rows) if row.user == user), None)

    async def remove(self, enrolment: Enrolment) -> bool:
        if [row.id for row in await self.of_user(enrolment.user)] == [enrolment.id]:
            raise LastFactor
        return self.forget(enrolment)

    def forget(self, enrolment: Enrolment) -> bool:
        """Whether it is the only one or not."""
        theirs = (enrolment.user, enrolment.id)
        self.rows = [(row, email) for row, email in self.rows if (row.user, row.id) != theirs]
        phone = (enrolment.provider, enrolment.account)
        return not any((row.provider, row.account) == phone for row, _ in self.rows)

    def used(self, enrolment_id: str, challenge: Challenge, at: datetime) -> None:
        """What recording a receipt does to an enrolment."""
        self.rows = [
            (replace(row, last_channel=challenge.channel, last_used_at=at) if row.id == enrolment_id else row, email)
            for row, email in self.rows
        ]


@dataclass
class FakeReceipts:
    """Implements `ports.Receipts`."""

    enrolments: FakeEnrolments
    events: "RecordedEvents" = field(default_factory=lambda: RecordedEvents())
    rows: dict[str, ReceiptFacts] = field(default_factory=dict)
    broken: Exception | None = None

    async def record(self, facts: ReceiptFacts, challenge: Challenge, beside: Sequence[AuditEvent] = ()) -> bool:
        if self.broken:
            raise self.broken
        if await self.enrolments.by_id(challenge.user, challenge.enrolment) is None:
            raise AccessDenied
        self.events.riding_all(beside).stands()
        is_new = facts.id not in self.rows
        self.rows.setdefault(facts.id, facts)
        self.enrolments.used(challenge.enrolment, challenge, facts.issued_at)
        if is_new:
            self.events.riding(of_challenge(What.RECEIPT_ISSUED, challenge)).stands()
        return is_new


@dataclass
class RecordedEvents:
    """Implements `ports.Events` and `Rides`."""

    all: list[AuditEvent] = field(default_factory=list)

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        before = len(self.all)
        try:
            yield
        except BaseException:
            del self.all[before:]
            raise

    async def record(self, *events: AuditEvent) -> None:
        self.all.extend(events)

    def riding(self, event: AuditEvent) -> Riding:
        """Told once the statement that it is part of has changed something."""
        return Riding(row_of(_entry(event)), lambda: self.all.append(event))

    def riding_all(self, events: Sequence[AuditEvent]) -> Riding:
        """The same of any number."""
        return Riding(rows_of([_entry(event) for event in events]), lambda: self.all.extend(events))

    def note(self, event: AuditEvent) -> None:
        self.all.append(event)

    def whats(self) -> list[What]:
        return [event.what for event in self.all]


@dataclass
class FakeSeenMarks:
    """Implements `ports.SeenMarks`."""

    marks: set[str] = field(default_factory=set)
    broken: Exception | None = None

    async def has(self, mark: str) -> bool:
        return mark in self.marks

    async def add(self, mark: str) -> None:
        if self.broken:
            raise self.broken
        self.marks.add(mark)


@dataclass
class FakeTurns:
    """Implements `ports.Turns` by the test's clock."""

    clock: FakeClock
    until: dict[str, datetime] = field(default_factory=dict)

    async def take(self, challenge: Challenge, pause: timedelta) -> bool:
        now = self.clock()
        if self.until.get(challenge.id, now) > now:
            return False
        self.until[challenge.id] = now + pause
        return True


@dataclass
class FakeStateCache:
    """Implements `ports.StateCache` by the test's clock."""

    clock: FakeClock
    kept: dict[str, dict[str, Word]] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)

    def of(self, user: str) -> Awaitable[Mapping[str, Word]]:
        if user in self.until and self.until[user] <= self.clock():
            del self.until[user], self.kept[user]
        return answered(dict(self.kept.get(user, {})))

    async def keep(self, user: str, enrolment: str, word: Word, life: timedelta) -> None:
        self.kept[user] = {**await self.of(user), enrolment: word}
        self.until[user] = min(self.until.get(user, self.clock() + life), self.clock() + life)

    async def forget(self, user: str, enrolment: str) -> None:
        self.kept.get(user, {}).pop(enrolment, None)


def _entry(event: AuditEvent) -> Entry:
    return Entry(event.at or datetime(2026, 1, 2, tzinfo=UTC), event.what, user=event.user)


def _to_the_millisecond(challenge: Challenge) -> Challenge:
    """The real store keeps no more."""
    names = ("created_at", "updated_at", "expires_at", "login_ends_at")
    cut = {name: _cut(getattr(challenge, name)) for name in names}
    return replace(challenge, **cut)


def _cut(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
