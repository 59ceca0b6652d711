"""It was not me, where it is written down: what memory and PostgreSQL both must do, in twofactor and in auth."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from countersign.claims import Disavowal as Statement
from services.auth.store.disavowals import PostgresDisavowals as PostgresHeard
from services.auth.store.sessions import PostgresSessions
from services.auth.store.users import PostgresUsers
from services.twofactor.model.disavowal import Disavowal, How
from services.twofactor.store.disavowals import PostgresDisavowals
from tests.contract.test_auth_stores import NOW, Stores, a_session, family_of, proofs
from tests.fakes.auth_ids import new_id
from tests.fakes.auth_stores import FakeDisavowals as FakeHeard
from tests.fakes.auth_stores import FakeFamilies, FakeSessions, FakeUsers, RecordedEvents
from tests.fakes.twofactor_stores import FakeDisavowals

LATER = NOW + timedelta(seconds=2)


@pytest.fixture(params=["memory", "postgres"])
async def outbox(request):
    if request.param == "memory":
        yield FakeDisavowals()
        return
    postgres = request.getfixturevalue("postgres")
    pool = await asyncpg.create_pool(postgres.url("twofactor"), min_size=1, max_size=5)
    yield PostgresDisavowals(pool)
    await pool.close()


def said(user=None):
    return Disavowal(new_id(), user or new_id(), How.DENIED, new_id(), NOW)


async def test_what_is_said_is_written_down_once_and_told_once(outbox):
    one = said()
    assert not await outbox.has(one.id)
    assert await outbox.add(one)
    assert await outbox.has(one.id)
    assert not await outbox.add(one)
    async with outbox.take(LATER) as taken:
        assert [each for each in taken if each.id == one.id] == [one]
    async with outbox.take(LATER) as taken:
        assert one.id not in {each.id for each in taken}
    await outbox.repeat(NOW - timedelta(seconds=1))
    async with outbox.take(LATER) as taken:
        assert one.id in {each.id for each in taken}


async def test_what_could_not_be_told_is_told_later(outbox):
    one = said()
    await outbox.add(one)
    with pytest.raises(ConnectionError):
        async with outbox.take(LATER):
            raise ConnectionError
    async with outbox.take(LATER) as taken:
        assert one.id in {each.id for each in taken}


@pytest.fixture(params=["memory", "postgres"])
async def heard(request):
    """The stores of auth, and those of statements beside them."""
    if request.param == "memory":
        users = FakeUsers()
        sessions = FakeSessions(users)
        yield Stores(users, sessions, FakeFamilies(sessions), users.disable), FakeHeard(users, sessions)
        return
    postgres = request.getfixturevalue("postgres")
    pool = await asyncpg.create_pool(postgres.url("auth"), min_size=1, max_size=20)
    owner = await asyncpg.connect(postgres.owner_url("auth"))

    async def disable(user_id, now):
        await owner.execute("UPDATE users SET disabled_at = $2 WHERE id = $1", user_id, now)

    families = None
    yield Stores(PostgresUsers(pool), PostgresSessions(pool, RecordedEvents()), families, disable), PostgresHeard(pool)
    await owner.close()
    await pool.close()


def statement(user, at=NOW):
    return Statement(user.id, new_id(), at, at + timedelta(days=1))


async def opens(stores, user, at=LATER):
    session = a_session(user, opened=at)
    return await stores.sessions.open(session, proofs(), family_of(session)) is not None


async def test_a_statement_ends_every_session_and_no_other_opens(heard):
    stores, heard = heard
    user, other = await stores.person(), await stores.person()
    session, theirs = await stores.session(user), await stores.session(other)
    assert await heard.heed(statement(user), LATER)
    assert await stores.sessions.by_id(session.id, LATER) is None
    assert await stores.sessions.by_id(theirs.id, LATER) is not None
    assert not await opens(stores, user)
    assert await opens(stores, other)


async def test_a_statement_takes_effect_once_and_nobody_s_never(heard):
    stores, heard = heard
    user = await stores.person()
    one = statement(user)
    assert await heard.heed(one, LATER)
    assert not await heard.heed(one, LATER)
    assert not await heard.heed(Statement(new_id(), new_id(), NOW, LATER), LATER)


async def test_only_who_confirmed_after_it_was_said_renews_the_password_and_once(heard):
    stores, heard = heard
    user = await stores.person()
    assert not await heard.confirmed_since(user.id, LATER), "nothing is due"
    await heard.heed(statement(user), LATER)
    assert not await heard.confirmed_since(user.id, NOW), "within the same second"
    assert not await heard.renew_password(user, "a new hash", NOW, LATER)
    assert await heard.confirmed_since(user.id, LATER)
    assert await heard.renew_password(user, "a new hash", LATER, LATER)
    assert not await heard.renew_password(user, "another", LATER, LATER)
    known = await stores.users.by_id(user.id)
    assert known.password_hash == "a new hash"


async def test_said_again_moves_the_mark_forward_and_never_back(heard):
    stores, heard = heard
    user = await stores.person()
    await heard.heed(statement(user, LATER), LATER)
    await heard.heed(statement(user, NOW), LATER)
    assert not await heard.confirmed_since(user.id, LATER)
    assert await heard.confirmed_since(user.id, LATER + timedelta(seconds=1))


async def test_who_is_disabled_renews_nothing(heard):
    stores, heard = heard
    user = await stores.person()
    await heard.heed(statement(user), NOW)
    await stores.disable(user.id, NOW)
    assert not await heard.renew_password(user, "a new hash", LATER, LATER)


async def test_a_session_that_opens_at_the_same_moment_does_not_outlive_it(heard):
    stores, heard = heard
    for _ in range(5):
        user = await stores.person()
        await asyncio.gather(heard.heed(statement(user), LATER), *(opens(stores, user) for _ in range(6)))
        assert not await stores.sessions.of_user(user.id, LATER)
