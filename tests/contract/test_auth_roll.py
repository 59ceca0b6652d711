"""What an operator does about people: what memory and PostgreSQL both must do."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import pytest

from services.auth.model.email import parse_email
from services.auth.model.session import End, Proofs
from services.auth.model.user import User
from services.auth.ports import Sessions, Users
from services.auth.ports_of_operators import Roll
from services.auth.store.families import PostgresFamilies
from services.auth.store.roll import PostgresRoll
from services.auth.store.sessions import PostgresSessions
from services.auth.store.users import PostgresUsers
from tests.contract.test_auth_stores import NOW, a_session, family_of
from tests.fakes.auth_ids import new_id
from tests.fakes.auth_stores import FakeRoll, FakeSessions, FakeUsers, RecordedEvents

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Stores:
    users: Users
    sessions: Sessions
    roll: Roll

    async def person(self, local: str = "") -> User:
        user = User(new_id(), parse_email(f"{local}{new_id()}@example.com"), "a hash", NOW)
        await self.users.add(user)
        return user

    async def opens(self, user: User, password_at=NOW) -> bool:
        session = a_session(user)
        return (
            await self.sessions.open(session, Proofs(new_id(), new_id(), password_at), family_of(session)) is not None
        )

    async def count(self, user: User) -> int:
        return len(await self.sessions.of_user(user.id, NOW))


@pytest.fixture(params=["memory", "postgres"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[Stores]:
    if request.param == "memory":
        sessions = FakeSessions(FakeUsers())
        yield Stores(sessions.users, sessions, FakeRoll(sessions))
        return
    pool = await asyncpg.create_pool(request.getfixturevalue("postgres").url("auth"), min_size=1, max_size=8)
    yield Stores(PostgresUsers(pool), PostgresSessions(pool, RecordedEvents()), PostgresRoll(pool))
    await pool.close()


async def test_who_is_disabled_has_no_session_and_opens_none(stores: Stores) -> None:
    user, other = await stores.person(), await stores.person()
    assert [await stores.opens(each) for each in (user, user, other)] == [True, True, True]
    assert await stores.roll.disable(user.id, NOW) == 2
    assert (await stores.count(user), await stores.count(other)) == (0, 1)
    assert not await stores.opens(user, NOW + SECOND)
    found = await stores.users.by_id(user.id)
    assert found and found.disabled_at == NOW
    assert await stores.roll.disable(user.id, NOW + SECOND) == 0
    found = await stores.users.by_id(user.id)
    assert found and found.disabled_at == NOW, "since the first time"


async def test_enabling_brings_nothing_back(stores: Stores) -> None:
    user = await stores.person()
    assert await stores.opens(user)
    await stores.roll.disable(user.id, NOW + SECOND)
    await stores.roll.enable(user.id)
    assert await stores.count(user) == 0
    assert not await stores.opens(user, NOW), "a password that was right before does not count any more"
    assert not await stores.opens(user, NOW + SECOND / 2)
    assert not await stores.opens(user, NOW + SECOND), "nor one of the very moment"
    assert await stores.opens(user, NOW + 2 * SECOND), "one that is right afterwards does"


async def test_who_is_signed_out_may_sign_in_anew_and_logins_that_were_begun_may_not(stores: Stores) -> None:
    user = await stores.person()
    assert await stores.opens(user)
    assert await stores.roll.sign_out(user.id, End.FACTORS_RESET, NOW + SECOND) == 1
    assert not await stores.opens(user, NOW)
    assert await stores.opens(user, NOW + 2 * SECOND)


async def test_people_are_listed_in_the_order_of_their_addresses(stores: Stores) -> None:
    mark = new_id()[:8]
    people = [await stores.person(f"{name}-{mark}-") for name in ("b", "a", "c")]
    keys = sorted(person.email.key for person in people)
    assert [each.email.key for each in await stores.roll.page(mark.upper(), "", 10)] == keys
    assert [each.email.key for each in await stores.roll.page(mark, keys[0], 1)] == [keys[1]]
    assert await stores.roll.page(mark, keys[2], 10) == []
    assert await stores.roll.page(f"%{mark}", "", 10) == [], "a part of an address is no pattern"


async def test_a_session_that_opens_at_the_moment_of_disabling_is_ended_or_never_opened(postgres) -> None:
    pool = await asyncpg.create_pool(postgres.url("auth"), min_size=2, max_size=8)
    stores = Stores(PostgresUsers(pool), PostgresSessions(pool, RecordedEvents()), PostgresRoll(pool))
    try:
        user = await stores.person()
        async with pool.acquire() as connection:
            opening = connection.transaction()
            await opening.start()
            # The session's statement has run and has not been committed.
            session = a_session(user)
            within = PostgresSessions(connection, RecordedEvents())
            assert await within.open(session, Proofs(new_id(), new_id(), NOW), family_of(session))
            disabling = asyncio.create_task(stores.roll.disable(user.id, NOW))
            done, _ = await asyncio.wait([disabling], timeout=0.3)
            assert not done, "it waits for the session, and so finds it"
            await opening.commit()
        assert await disabling == 1
        await stores.roll.enable(user.id)
        assert await stores.count(user) == 0
        assert await PostgresFamilies(pool).by_id(new_id()) is None
    finally:
        await pool.close()


async def test_an_expired_password_opens_nothing_whatever_was_approved(stores: Stores) -> None:
    user, other = await stores.person(), await stores.person()
    assert await stores.opens(user)
    assert await stores.opens(other)
    assert await stores.roll.expire_password(user.id, NOW) == 1
    assert (await stores.count(user), await stores.count(other)) == (0, 1)
    for password_at in (NOW - SECOND, NOW, NOW + 60 * SECOND):
        assert not await stores.opens(user, password_at), "a new one is due first"
    assert await stores.roll.expire_password(user.id, NOW - 60 * SECOND) == 0, "it is never due earlier than before"
    assert await stores.roll.expire_password(new_id(), NOW) == 0
