"""Sessions in tables by time: each proof still opens one session, one table is asked, and old ones go whole."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from chassis.dated_ids import dated
from services.auth.model.email import parse_email
from services.auth.model.family import Family
from services.auth.model.session import End, Proofs, Session
from services.auth.model.user import User
from services.auth.store.families import PostgresFamilies
from services.auth.store.sessions import PostgresSessions
from tests.contract.test_auth_stores import HOUR, Stores, a_session, family_of
from tests.contract.test_auth_stores import stores as every_store
from tests.fakes.auth_ids import new_email, new_id
from tests.fakes.auth_stores import RecordedEvents
from tools.devstack.engines import Postgres

# Behind the table of before the migration, in one of those that were made ahead.
LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=6)  # noqa: TID251 the tables go by PostgreSQL's own clock
SPAN = """
CREATE TABLE sessions_old (LIKE sessions INCLUDING DEFAULTS);
CREATE TABLE refresh_families_old (LIKE refresh_families INCLUDING DEFAULTS);
ALTER TABLE sessions DETACH PARTITION sessions_first;
ALTER TABLE refresh_families DETACH PARTITION refresh_families_first;
"""
ATTACH = """
ALTER TABLE sessions ATTACH PARTITION sessions_old FOR VALUES FROM ('2020-01-01') TO ('{ends}');
ALTER TABLE refresh_families ATTACH PARTITION refresh_families_old FOR VALUES FROM ('2020-01-01') TO ('{ends}');
"""
stores = every_store


@pytest.fixture
async def pool(postgres: Postgres) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(postgres.url("auth"), min_size=1, max_size=4) as pool:
        yield pool


@pytest.fixture
async def owner(postgres: Postgres) -> AsyncIterator[asyncpg.Connection]:
    """The owner, whose doings are undone."""
    connection = await asyncpg.connect(postgres.owner_url("auth"))
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


def later(user: User, moment: datetime = LATER) -> tuple[Session, Proofs, Family]:
    """A session as it is drafted: all its ids carry the time of the partial token's."""
    session = replace(a_session(user, opened=moment), id=dated(new_id(), moment))
    family = replace(family_of(session), id=dated(new_id(), moment))
    return session, Proofs(dated(new_id(), moment), new_id(), moment), family


async def test_a_session_behind_the_first_table_lives_as_any_other(stores: Stores) -> None:
    user = await stores.person()
    session, proofs, family = later(user)
    assert await stores.sessions.open(session, proofs, family)
    assert await stores.sessions.by_id(session.id, LATER) == session
    assert await stores.sessions.of_user(user.id, LATER) == [session]
    assert await stores.families.replace(family, family.rotated(b"child", LATER, HOUR))
    assert not await stores.families.replace(family, family.rotated(b"another", LATER, HOUR))
    found = await stores.families.by_id(family.id)
    assert found is not None and (found[0].generation, found[1].id) == (1, session.id)
    assert await stores.sessions.end(user.id, session.id, End.SIGNED_OUT, LATER)
    assert await stores.sessions.by_id(session.id, LATER) is None


async def test_everything_of_a_person_ends_in_whichever_table(stores: Stores) -> None:
    user = await stores.person()
    drafts = [later(user, LATER + timedelta(days=days)) for days in range(2)]
    for session, proofs, family in drafts:
        assert await stores.sessions.open(session, proofs, family)
    old = await stores.session(user, opened=LATER)
    kept = drafts[0][0].id
    assert await stores.sessions.end_all(user.id, End.REVOKED, LATER, keep=kept) == 2
    assert [session.id for session in await stores.sessions.of_user(user.id, LATER)] == [kept]
    assert old.id != kept


@pytest.mark.parametrize("again", ["partial", "receipt"])
async def test_a_proof_opens_one_session_in_any_table(stores: Stores, again: str) -> None:
    user = await stores.person()
    session, proofs, family = later(user)
    assert await stores.sessions.open(session, proofs, family)
    # A receipt is bound to its partial token: whoever brings it again brings an id of the same time.
    other, fresh, another = later(user)
    second = (
        replace(proofs, receipt_id=new_id()) if again == "partial" else replace(fresh, receipt_id=proofs.receipt_id)
    )
    # The hour at which the password was right is no part of what is spent.
    second = replace(second, password_at=LATER + HOUR)
    assert await stores.sessions.open(other, second, another) is None


async def test_fifty_exchanges_at_once_open_one_session_behind_the_first_table(stores: Stores) -> None:
    user = await stores.person()
    drafts = [later(user) for _ in range(50)]
    same = drafts[0][1]
    opened = await asyncio.gather(*(stores.sessions.open(session, same, family) for session, _, family in drafts))
    assert opened.count(None) == 49
    assert len(await stores.sessions.of_user(user.id, LATER)) == 1


async def test_a_proof_of_before_the_tables_stays_spent(stores: Stores) -> None:
    """Its id carries no time: what keeps it spent is the first table's own key."""
    user = await stores.person()
    old = Proofs(new_id(), new_id(), LATER - timedelta(days=30))
    session = a_session(user)
    assert await stores.sessions.open(session, old, family_of(session))
    for again in (old, replace(old, partial_id=new_id()), replace(old, receipt_id=new_id())):
        other = a_session(user)
        moved = replace(again, password_at=old.password_at + HOUR)
        assert await stores.sessions.open(other, moved, family_of(other)) is None


@pytest.mark.parametrize("made_up", ["ffffffff-ffff-7fff-8fff-ffffffffffff", "00000000-0000-7000-8000-000000000000"])
async def test_an_id_of_a_time_that_no_table_has_is_nobody_s(pool: asyncpg.Pool, made_up: str) -> None:
    assert await PostgresSessions(pool, RecordedEvents()).by_id(made_up, LATER) is None
    assert await PostgresFamilies(pool).by_id(made_up) is None


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM sessions", "DELETE FROM refresh_families", "TRUNCATE sessions", "DROP TABLE sessions_first",
        "DELETE FROM sessions_first", "UPDATE sessions SET began_at = now()", "UPDATE sessions SET partial_id = ''",
        "SELECT * FROM sessions_spans()", "CREATE TABLE x PARTITION OF sessions DEFAULT",
        "ALTER TABLE sessions DETACH PARTITION sessions_first",
    ],
)  # fmt: skip
async def test_a_service_that_was_broken_into_makes_no_spent_proof_good_again(
    pool: asyncpg.Pool, statement: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)


async def test_nor_does_asking_for_everything_to_be_dropped(stores: Stores, pool: asyncpg.Pool) -> None:
    tables = await spans(pool)
    assert await pool.fetchval("SELECT sessions_expire('infinity')") == 0
    assert await spans(pool) == tables


async def test_tables_are_there_before_they_are_needed_and_no_more_than_that(pool: asyncpg.Pool) -> None:
    await pool.execute("SELECT sessions_extend(1)")
    tables = await spans(pool)
    for days in (1, 0, -5):
        await pool.execute("SELECT sessions_extend($1)", days)
    assert await spans(pool) == tables
    assert 4 <= len(tables) <= 10


async def spans(pool: asyncpg.Pool) -> list[str]:
    names = "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'sessions'::regclass"
    return sorted(row["name"] for row in await pool.fetch(names))


async def dropped(owner: asyncpg.Connection, ends: datetime, *expiries: datetime) -> int:
    """What goes of a table that ended then, with sessions that expired at these times."""
    await owner.execute(SPAN + ATTACH.format(ends=ends.isoformat()))
    user = User(new_id(), parse_email(new_email()), "a hash", ends)
    await owner.execute(
        "INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES ($1, $2, $2, 'a hash', now())",
        user.id, user.email.key,
    )  # fmt: skip
    for expires_at in expiries:
        session, proofs, family = later(user, ends - timedelta(minutes=1))
        store: Any = owner
        assert await PostgresSessions(store, RecordedEvents()).open(
            replace(session, expires_at=expires_at), proofs, family
        )
    count: int = await owner.fetchval("SELECT sessions_expire(now() - interval '1 day')")
    return count


async def test_a_table_goes_when_every_session_in_it_is_over(owner: asyncpg.Connection) -> None:
    now = datetime.now(UTC)  # noqa: TID251 as above
    old = now - timedelta(days=3)
    assert await dropped(owner, old, old, now - timedelta(days=2)) == 1
    assert await owner.fetchval("SELECT to_regclass('sessions_old') IS NULL")
    assert await owner.fetchval("SELECT to_regclass('refresh_families_old') IS NULL")


async def test_a_table_stays_while_one_session_in_it_may_go_on(owner: asyncpg.Connection) -> None:
    now = datetime.now(UTC)  # noqa: TID251 as above
    assert await dropped(owner, now - timedelta(days=3), now - timedelta(days=3), now) == 0


async def test_a_table_whose_proofs_may_still_be_shown_stays_whoever_asks(owner: asyncpg.Connection) -> None:
    now = datetime.now(UTC)  # noqa: TID251 as above
    await owner.execute(SPAN + ATTACH.format(ends=(now - timedelta(minutes=90)).isoformat()))
    assert await owner.fetchval("SELECT sessions_expire('infinity')") == 0
