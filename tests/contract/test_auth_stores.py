"""People, sessions and refresh families: what memory and PostgreSQL both must do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.auth.model.caller import Caller
from services.auth.model.email import parse_email
from services.auth.model.errors import EmailTaken
from services.auth.model.events import Event, What
from services.auth.model.family import Family
from services.auth.model.session import End, Proofs, Session
from services.auth.model.user import User
from services.auth.ports import Families, Sessions, Users
from services.auth.store.families import PostgresFamilies
from services.auth.store.sessions import PostgresSessions
from services.auth.store.users import PostgresUsers
from tests.fakes.auth_ids import new_email, new_id
from tests.fakes.auth_stores import FakeFamilies, FakeSessions, FakeUsers, RecordedEvents

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@dataclass(frozen=True)
class Stores:
    users: Users
    sessions: Sessions
    families: Families
    disable: Callable[[str, datetime], Awaitable[None]]
    events: RecordedEvents = field(default_factory=RecordedEvents)

    async def person(self) -> User:
        user = User(new_id(), parse_email(new_email()), "a hash", NOW)
        await self.users.add(user)
        return user

    async def session(self, user: User, *, opened: datetime = NOW) -> Session:
        session = a_session(user, opened=opened)
        assert await self.sessions.open(session, proofs(), family_of(session))
        return session


@pytest.fixture(params=["memory", "postgres"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[Stores]:
    events = RecordedEvents()
    if request.param == "memory":
        users = FakeUsers()
        sessions = FakeSessions(users, events)
        yield Stores(users, sessions, FakeFamilies(sessions), users.disable, events)
        return
    postgres = request.getfixturevalue("postgres")
    pool = await asyncpg.create_pool(postgres.url("auth"), min_size=1, max_size=20)
    owner = await asyncpg.connect(postgres.owner_url("auth"))

    async def disable(user_id: str, now: datetime) -> None:
        await owner.execute("UPDATE users SET disabled_at = $2 WHERE id = $1", user_id, now)

    yield Stores(PostgresUsers(pool), PostgresSessions(pool, events), PostgresFamilies(pool), disable, events)
    await owner.close()
    await pool.close()


def proofs() -> Proofs:
    return Proofs(new_id(), new_id(), NOW)


def a_session(user: User, *, opened: datetime = NOW) -> Session:
    return Session(
        id=new_id(),
        user_id=user.id,
        client_id="countersign-gateway",
        scope=frozenset({"session", "reports"}),
        amr=("pwd", "swk", "mca", "mfa"),
        authenticated_at=opened,
        opened_at=opened,
        last_used_at=opened,
        expires_at=opened + 24 * HOUR,
        caller=Caller("2001:db8::1", "Firefox"),
    )


def family_of(session: Session) -> Family:
    return Family(new_id(), 0, new_id().encode(), session.opened_at, session.opened_at + HOUR, session.expires_at)


async def test_a_person_is_found_by_any_spelling_of_the_address(stores: Stores) -> None:
    name = new_id()[:13]
    user = User(new_id(), parse_email(f"Eve.{name}@Example.COM"), "a hash", NOW)
    await stores.users.add(user)
    assert await stores.users.by_email(parse_email(f"eve.{name.upper()}@example.com")) == user


async def test_a_stranger_is_not_found(stores: Stores) -> None:
    assert await stores.users.by_email(parse_email(new_email())) is None


async def test_an_address_is_taken_once_even_by_fifty_at_the_same_moment(stores: Stores) -> None:
    email = parse_email(new_email())
    tries = [stores.users.add(User(new_id(), email, f"hash {n}", NOW)) for n in range(50)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert results.count(None) == 1
    assert sum(isinstance(result, EmailTaken) for result in results) == 49


async def test_a_renewed_hash_takes_the_old_one_s_place(stores: Stores) -> None:
    user = await stores.person()
    await stores.users.replace_hash(user, "a better hash")
    assert await stores.users.by_email(user.email) == replace(user, password_hash="a better hash")


async def test_a_renewed_hash_does_not_undo_a_password_change(stores: Stores) -> None:
    user = await stores.person()
    await stores.users.replace_hash(user, "changed")
    await stores.users.replace_hash(user, "renewed from the old one")
    found = await stores.users.by_email(user.email)
    assert found is not None
    assert found.password_hash == "changed"


async def test_groups_are_the_person_s_of_this_moment_in_whatever_is_read(stores: Stores) -> None:
    user = await stores.person()
    begun = a_session(user)
    family = family_of(begun)
    opened = await stores.sessions.open(begun, proofs(), family)
    assert opened is not None
    assert opened.groups == frozenset()
    await stores.person()
    assert await stores.users.set_groups(user.id, frozenset({"ops", "audit"}))
    found, by_family = await stores.sessions.by_id(begun.id, NOW), await stores.families.by_id(family.id)
    listed, person = await stores.sessions.of_user(user.id, NOW), await stores.users.by_email(user.email)
    again = await stores.sessions.open(other := a_session(user), proofs(), family_of(other))
    assert found and by_family and again and person
    seen = [found.groups, by_family[1].groups, listed[0].groups, again.groups, person.groups]
    assert seen == [frozenset({"ops", "audit"})] * 5
    assert await stores.users.set_groups(user.id, frozenset())
    assert (await stores.sessions.by_id(begun.id, NOW)) == opened
    assert not await stores.users.set_groups(new_id(), frozenset({"ops"}))


async def test_an_open_session_is_found_as_it_was_opened(stores: Stores) -> None:
    user = await stores.person()
    session = await stores.session(user)
    assert await stores.sessions.by_id(session.id, NOW) == session


async def test_a_session_of_nobody_is_not_opened(stores: Stores) -> None:
    user = User(new_id(), parse_email("nobody@example.com"), "a hash", NOW)
    session = a_session(user)
    assert not await stores.sessions.open(session, proofs(), family_of(session))
    assert stores.events.all == []


@pytest.mark.parametrize("again", ["partial", "receipt", "both"])
async def test_a_proof_opens_one_session_only(stores: Stores, again: str) -> None:
    user = await stores.person()
    first, second = proofs(), proofs()
    session = a_session(user)
    assert await stores.sessions.open(session, first, family_of(session))
    partial = second.partial_id if again == "receipt" else first.partial_id
    receipt = second.receipt_id if again == "partial" else first.receipt_id
    other = a_session(user)
    assert not await stores.sessions.open(other, Proofs(partial, receipt, NOW), family_of(other))
    assert await stores.sessions.of_user(user.id, NOW) == [session]
    assert stores.events.all == [Event(What.SESSION_OPENED, user=user.id, session=session.id)]


async def test_fifty_exchanges_at_once_open_one_session(stores: Stores) -> None:
    user = await stores.person()
    same = proofs()
    sessions = [a_session(user) for _ in range(50)]
    opened = await asyncio.gather(*(stores.sessions.open(s, same, family_of(s)) for s in sessions))
    assert opened.count(None) == 49
    assert len(await stores.sessions.of_user(user.id, NOW)) == 1


async def test_a_password_that_was_right_before_it_was_changed_opens_nothing(stores: Stores) -> None:
    """Somebody who knew the old one has a login under way, and the approval comes after the change."""
    user, changed_at = await stores.person(), NOW + HOUR
    assert await stores.users.change_password(user, "another hash", changed_at, keep=new_id())
    for password_at, opens in ((NOW, False), (changed_at - SECOND, False), (changed_at, True)):
        session = a_session(user, opened=changed_at)
        used = Proofs(new_id(), new_id(), password_at)
        assert (await stores.sessions.open(session, used, family_of(session)) is not None) is opens, password_at


async def test_a_proof_stays_spent_after_its_session_has_ended(stores: Stores) -> None:
    user = await stores.person()
    same = proofs()
    session = a_session(user)
    await stores.sessions.open(session, same, family_of(session))
    await stores.sessions.end(user.id, session.id, End.SIGNED_OUT, NOW)
    other = a_session(user)
    assert not await stores.sessions.open(other, same, family_of(other))


async def test_a_session_is_over_when_its_time_is(stores: Stores) -> None:
    user = await stores.person()
    session = await stores.session(user)
    later = NOW + 24 * HOUR
    assert await stores.sessions.by_id(session.id, later) is None
    assert await stores.sessions.of_user(user.id, later) == []
    assert not await stores.sessions.end(user.id, session.id, End.SIGNED_OUT, later)


async def test_a_session_ends_once(stores: Stores) -> None:
    user = await stores.person()
    session = await stores.session(user)
    assert await stores.sessions.end(user.id, session.id, End.SIGNED_OUT, NOW)
    assert not await stores.sessions.end(user.id, session.id, End.SIGNED_OUT, NOW)
    assert await stores.sessions.by_id(session.id, NOW) is None


async def test_a_stranger_s_session_does_not_end(stores: Stores) -> None:
    session = await stores.session(await stores.person())
    stranger = await stores.person()
    assert not await stores.sessions.end(stranger.id, session.id, End.SIGNED_OUT, NOW)
    assert await stores.sessions.by_id(session.id, NOW) == session


async def test_sessions_are_listed_newest_first(stores: Stores) -> None:
    user = await stores.person()
    old = await stores.session(user, opened=NOW - HOUR)
    new = await stores.session(user)
    assert [session.id for session in await stores.sessions.of_user(user.id, NOW)] == [new.id, old.id]


async def test_all_sessions_end_but_the_one_that_is_kept(stores: Stores) -> None:
    user, stranger = await stores.person(), await stores.person()
    here, _there, theirs = await stores.session(user), await stores.session(user), await stores.session(stranger)
    assert await stores.sessions.end_all(user.id, End.SIGNED_OUT, NOW, keep=here.id) == 1
    assert await stores.sessions.of_user(user.id, NOW) == [here]
    assert await stores.sessions.end_all(user.id, End.SIGNED_OUT, NOW) == 1
    assert await stores.sessions.of_user(user.id, NOW) == []
    assert await stores.sessions.of_user(stranger.id, NOW) == [theirs]


async def test_twenty_sign_outs_of_everything_at_once_end_each_session_once(stores: Stores) -> None:
    user = await stores.person()
    sessions = [await stores.session(user) for _ in range(20)]
    ended = await asyncio.gather(
        *(stores.sessions.end_all(user.id, End.SIGNED_OUT, NOW, keep=session.id) for session in sessions[:10]),
        *(stores.sessions.end_all(user.id, End.SIGNED_OUT, NOW) for _ in range(10)),
    )
    assert sum(ended) == 20


async def test_whoever_is_disabled_has_no_session_and_gets_none(stores: Stores) -> None:
    user = await stores.person()
    session = a_session(user)
    family = family_of(session)
    await stores.sessions.open(session, proofs(), family)
    await stores.disable(user.id, NOW)
    assert await stores.sessions.by_id(session.id, NOW) is None
    found = await stores.families.by_id(family.id)
    assert found is not None
    assert not found[0].is_open
    other = a_session(user)
    assert not await stores.sessions.open(other, proofs(), family_of(other))


async def opened(stores: Stores) -> tuple[Session, Family]:
    session = a_session(await stores.person())
    family = family_of(session)
    assert await stores.sessions.open(session, proofs(), family)
    return session, family


async def test_a_family_is_found_with_its_session(stores: Stores) -> None:
    session, family = await opened(stores)
    assert await stores.families.by_id(family.id) == (family, session)
    assert await stores.families.by_id(new_id()) is None


async def test_a_rotation_moves_the_family_and_marks_the_session_as_used(stores: Stores) -> None:
    session, family = await opened(stores)
    later = NOW + HOUR / 2
    rotated = family.rotated(b"child", later, HOUR)
    assert await stores.families.replace(family, rotated)
    assert await stores.families.by_id(family.id) == (rotated, replace(session, last_used_at=later))


async def test_fifty_rotations_of_one_token_at_once_are_one(stores: Stores) -> None:
    _, family = await opened(stores)
    rotated = [family.rotated(f"child {n}".encode(), NOW, HOUR) for n in range(50)]
    done = await asyncio.gather(*(stores.families.replace(family, new) for new in rotated))
    assert done.count(True) == 1
    found: Any = await stores.families.by_id(family.id)
    assert found[0] == rotated[done.index(True)]


async def test_a_session_that_ended_is_not_refreshed(stores: Stores) -> None:
    session, family = await opened(stores)
    await stores.sessions.end(session.user_id, session.id, End.SIGNED_OUT, NOW)
    assert not await stores.families.replace(family, family.rotated(b"child", NOW, HOUR))
    found = await stores.families.by_id(family.id)
    assert found is not None
    assert not found[0].is_open
