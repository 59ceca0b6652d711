"""The record in PostgreSQL: what its rights, its functions and its chain hold."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from chassis.audit.chain import Chain
from chassis.audit.checking import check_rows
from chassis.audit.entry import Entry, Sealed
from chassis.audit.recorder import Recorder, riding, riding_all, row_of, rows_of
from chassis.audit.trail import Trail, Wanted
from chassis.audit.verify import Verification
from chassis.clock import system_clock
from chassis.keyring import KeyRing, new_key
from chassis.origin import Origin
from chassis.postgres import connect
from chassis.transactions import JoiningPool
from services.auth.model.events import Event, What
from services.auth.store.event_log import EventLog
from tests.fakes.auth_ids import new_id
from tests.fakes.auth_stores import RecordedEvents
from tools.devstack.engines import Postgres

ODD = 'ünï "quoted" \\ back\tslash 🗝'
SERVICES = ("auth", "twofactor")
INSERT = """
INSERT INTO audit_inbox (at, what, outcome, actor, user_id, reason, address, browser, request_id, times, facts)
VALUES (now(), 'x', 'done', '', '', '', '', '', '', 1, '{}')
"""
SEALED_BY_HAND = """
INSERT INTO audit_events SELECT $1, $2, at, what, outcome, actor, user_id, reason, address, browser, request_id, times,
facts, hash FROM audit_events ORDER BY number LIMIT 1
"""


@pytest.fixture(params=SERVICES)
async def pool(request: pytest.FixtureRequest, postgres: Postgres) -> AsyncIterator[JoiningPool]:
    pool = await connect(postgres.url(request.param), size=4)
    yield pool
    await pool.close()


@pytest.fixture
async def owner(pool: JoiningPool, postgres: Postgres) -> AsyncIterator[Any]:
    """The owner, whose doings are undone."""
    name = await pool.fetchval("SELECT current_user")
    connection = await asyncpg.connect(postgres.owner_url(name))
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


def entry(user: str, what: str = "session_opened", **more: Any) -> Entry:
    return Entry(system_clock(), what, user=user, origin=Origin("r", "192.0.2.1", ODD, "operator x"), **more)


async def sealed(pool: JoiningPool, user: str, rows: int = 1) -> list[Sealed]:
    """This person's rows, once they are in the chain: another process may be sealing too."""
    for _ in range(100):
        await pool.fetchval("SELECT audit_seal(10000)")
        found = await Trail(pool).newest(Wanted(user=user), 1000)
        if len(found) >= rows:
            return list(found)
        await asyncio.sleep(0.02)
    raise AssertionError("not sealed")


async def faults(connection: Any) -> list[str]:
    verification = Verification({})
    async for row in Trail(connection).all(Wanted()):
        verification.add(row)
    number, _ = await Trail(connection).end()
    verification.end(number)
    return [f"{fault.number}: {fault.says}" for fault in verification.faults if "before" not in fault.says]


async def test_a_row_comes_back_as_it_was_recorded_and_follows_from_the_one_before(pool: JoiningPool) -> None:
    user, facts = new_id(), {"z": ODD, "long name": "1", "ä": "2", "b": ""}
    said = entry(user, reason=ODD, facts=facts)
    await Recorder(pool, system_clock).record(said)
    (row,) = await sealed(pool, user)
    printed = "".join(sign if sign.isprintable() else "?" for sign in ODD)
    assert row.entry == replace(
        said, reason=printed, origin=replace(said.origin, browser=printed), facts={**facts, "z": printed}
    )
    assert not await faults(pool)


async def test_an_event_that_rides_is_the_row_it_would_be_alone_and_none_without_its_change(pool: JoiningPool) -> None:
    user = new_id()
    said = entry(user, reason=ODD, facts={"z": ODD, "b": ""})
    statement = f"""
    WITH changed AS (SELECT generate_series(1, $2::integer)), recorded AS ({riding("$1", "changed")})
    SELECT count(*) FROM changed
    """
    for changes in (0, 1):
        assert await pool.fetchval(statement, row_of(said), changes) == changes
    await Recorder(pool, system_clock).record(said)
    assert len({str(row.entry) for row in await sealed(pool, user, rows=2)}) == 1


async def test_several_that_ride_are_the_rows_they_would_be_alone_and_none_is_no_row(pool: JoiningPool) -> None:
    user = new_id()
    said = [entry(user, reason=ODD, facts={"z": ODD}), entry(user, "session_ended")]
    statement = f"""
    WITH changed AS (SELECT generate_series(1, $2::integer)), recorded AS ({riding_all("$1", "changed")})
    SELECT count(*) FROM changed
    """
    for rows, changes in ((said, 0), ([], 1), (said, 1)):
        assert await pool.fetchval(statement, rows_of(rows), changes) == changes
    await Recorder(pool, system_clock).record(*said)
    found = [str(row.entry) for row in await sealed(pool, user, rows=4)]
    assert len(found) == 4
    assert {found.count(each) for each in found} == {2}


async def test_a_hundred_at_once_stand_in_one_chain_without_a_gap(pool: JoiningPool) -> None:
    user, recorder = new_id(), Recorder(pool, system_clock)
    work = [recorder.record(entry(user, facts={"n": str(n)})) for n in range(100)]
    sealing = [pool.fetchval("SELECT audit_seal(7)") for _ in range(20)]
    await asyncio.gather(*work, *sealing)
    rows = await sealed(pool, user, 100)
    assert sorted(int(row.entry.facts["n"]) for row in rows) == list(range(100))
    assert not await faults(pool)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET user_id = ''", "DELETE FROM audit_events", "TRUNCATE audit_events", "DROP TABLE audit_events",
        "INSERT INTO audit_events SELECT * FROM audit_events LIMIT 0", "UPDATE audit_inbox SET user_id = ''",
        "DELETE FROM audit_inbox", "TRUNCATE audit_inbox", "UPDATE audit_chain SET number = 0", "DELETE FROM audit_chain",
        "INSERT INTO audit_chain SELECT * FROM audit_chain LIMIT 0", "UPDATE audit_heads SET jws = ''", "DELETE FROM audit_heads",
        "UPDATE verification_keys SET jwk = '{}'", "DELETE FROM verification_keys", "SELECT audit_month(now())",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL", "CREATE TABLE x PARTITION OF audit_events DEFAULT",
        "ALTER FUNCTION audit_seal(integer) OWNER TO CURRENT_USER", "CREATE OR REPLACE FUNCTION audit_seal(n integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    ],
)  # fmt: skip
async def test_a_service_that_was_broken_into_changes_nothing_of_the_record(pool: JoiningPool, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)


async def test_a_month_s_own_table_is_not_a_way_around(pool: JoiningPool) -> None:
    month = await pool.fetchval(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_events'::regclass"
    )
    for statement in (
        f"DELETE FROM {month}",
        f"UPDATE {month} SET user_id = ''",
        f"INSERT INTO {month} SELECT * FROM {month}",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)


async def test_the_owner_who_changes_a_row_is_found_out(pool: JoiningPool, owner: Any) -> None:
    user = new_id()
    await Recorder(pool, system_clock).record(entry(user))
    (row,) = await sealed(pool, user)
    assert not await faults(owner)
    await owner.execute("UPDATE audit_events SET user_id = '' WHERE number = $1", row.number)
    assert await faults(owner) == [f"{row.number}: this row was changed, or put in place of another"]
    await owner.execute("DELETE FROM audit_events WHERE number = $1", row.number)
    assert len(await faults(owner)) == 1


async def test_the_owner_who_writes_the_end_anew_meets_what_was_signed(pool: JoiningPool, owner: Any) -> None:
    user, now = new_id(), system_clock()
    await Recorder(pool, system_clock).record(entry(user))
    await sealed(pool, user)
    ring = KeyRing(system_clock, [new_key(new_id(), now)])
    (key,) = ring.keys
    await owner.execute("DELETE FROM audit_heads")
    await owner.execute("DELETE FROM verification_keys")
    await owner.execute(
        "INSERT INTO verification_keys (kid, jwk, signs_from) VALUES ($1, $2, $3)",
        key.kid,
        json.dumps(key.public_jwk()),
        now,
    )
    await Chain(owner, ring, "https://id.example.com").sign_head(timedelta())
    assert (await check_rows(Trail(owner), None, []))["signed_ends"] == 1
    number, digest = await Trail(owner).end()
    await owner.execute("DELETE FROM audit_events WHERE number = $1", number)
    await owner.execute("UPDATE audit_chain SET number = number - 1")
    found = await check_rows(Trail(owner), None, [])
    assert found["faults"][-1]["says"] == f"rows {number} to {number} are missing at the end"
    # Also with the signed ends gone, a line of the logs tells.
    await owner.execute("DELETE FROM audit_heads")
    found = await check_rows(Trail(owner), None, [f"{number}:{digest.hex()}"])
    assert found["faults"][-1]["says"] == f"rows {number} to {number} are missing at the end"


async def test_a_signed_end_by_a_key_of_the_attacker_s_own_is_not_believed(pool: JoiningPool, owner: Any) -> None:
    await owner.execute(INSERT)
    await owner.fetchval("SELECT audit_seal(1000)")
    await owner.execute("DELETE FROM audit_heads")
    strange = KeyRing(system_clock, [new_key("strange", system_clock())])
    await Chain(owner, strange, "https://id.example.com").sign_head(timedelta())
    assert "not believed" in (await check_rows(Trail(owner), None, []))["faults"][-1]["says"]


async def test_months_go_whole_vouched_for_and_on_record(pool: JoiningPool, owner: Any) -> None:
    for day in (1, 31):
        await owner.execute("SELECT audit_month($1)", datetime(2020, 1, day, tzinfo=UTC))
    await owner.execute(INSERT)
    await owner.fetchval("SELECT audit_seal(100000)")
    # Numbers before the first: as if the record had begun in 2020.
    for number, day in ((-1, 5), (0, 6)):
        await owner.execute(SEALED_BY_HAND, number, datetime(2020, 1, day, tzinfo=UTC))
    year = timedelta(days=365)
    assert await owner.fetchval("SELECT audit_expire($1)", year) == 0, "no signed end vouches for what would go"
    ring = KeyRing(system_clock, [new_key("k", system_clock())])
    assert await Chain(owner, ring, "https://id.example.com").expire(year) == 1
    assert await owner.fetchval("SELECT min(number) FROM audit_events") > 0
    assert await owner.fetchval("SELECT min(number) FROM audit_heads") == 0
    told = json.loads(
        await owner.fetchval("SELECT facts FROM audit_inbox WHERE what = 'audit_expired' ORDER BY id DESC LIMIT 1")
    )
    assert told == {"months": "2020_01", "up_to": "0"}


async def test_whoever_asks_nothing_younger_than_ninety_days_goes(pool: JoiningPool, owner: Any) -> None:
    await owner.execute(INSERT)
    await owner.fetchval("SELECT audit_seal(100000)")
    young = system_clock() - timedelta(days=89)
    await owner.execute("SELECT audit_month($1)", young)
    await owner.execute(SEALED_BY_HAND, 0, young)
    await owner.execute(
        "INSERT INTO audit_heads SELECT number, hash, now(), '' FROM audit_events WHERE number <= 0 ON CONFLICT DO NOTHING"
    )
    assert await owner.fetchval("SELECT audit_expire('0 days')") == 0
    assert await owner.fetchval("SELECT count(*) FROM audit_events WHERE number = 0") == 1


async def test_partitions_are_there_before_they_are_needed(pool: JoiningPool) -> None:
    await pool.execute("SELECT audit_extend()")
    months = await pool.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_events'::regclass"
    )
    ahead = system_clock().replace(day=1) + timedelta(days=45)
    assert any(ahead.strftime("%Y_%m") in row["name"] for row in months)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(user="u"), "user_id"), (Wanted(what="w"), "what"), (Wanted(request="r"), "request_id"),
        (Wanted(address="a"), "address"), (Wanted(), "number"),
    ],
)  # fmt: skip
async def test_every_look_into_the_record_uses_an_index(pool: JoiningPool, wanted: Wanted, index: str) -> None:
    seen: list[str] = []

    class Explained:
        async def fetch(self, query: str, *values: Any) -> list[Any]:
            async with pool.acquire() as connection, connection.transaction():
                # The tables of a test are small enough to be read whole; the question is whether an index fits.
                await connection.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
                seen.extend(row[0] for row in await connection.fetch(f"EXPLAIN {query}", *values))
            return []

    await Trail(Explained()).newest(wanted, 20)
    plan = "\n".join(seen)
    assert "Seq Scan" not in plan and not re.search(r"->  (Incremental )?Sort  ", plan), plan
    assert "Index" in plan and index in plan, plan


@pytest.fixture(params=["memory", "postgres"])
async def events(
    request: pytest.FixtureRequest,
) -> AsyncIterator[tuple[Any, Callable[[str], Awaitable[dict[str, int]]]]]:
    """The port `Events` of auth, and how often what is kept of a person."""
    if request.param == "memory":
        fake = RecordedEvents()

        async def kept(user: str) -> dict[str, int]:
            whats = [event.what for event in fake.all if event.user == user]
            return {what: whats.count(what) for what in whats}

        yield fake, kept
        return
    pool = await connect(request.getfixturevalue("postgres").url("auth"), size=2)
    recorder = Recorder(pool, system_clock)

    async def kept_there(user: str) -> dict[str, int]:
        await recorder.flush(all_of_them=True)
        await recorder.record(entry(user, "the_last"))
        rows = [row for row in await sealed(pool, user) if row.entry.what != "the_last"]
        return {row.entry.what: sum(r.entry.times for r in rows if r.entry.what == row.entry.what) for row in rows}

    yield EventLog(recorder), kept_there
    await pool.close()


async def test_what_is_recorded_stands(events: Any) -> None:
    (port, kept), user = events, new_id()
    await port.record(Event(What.LOGIN_ACCEPTED, user=user))
    assert await kept(user) == {"login_accepted": 1}


async def test_a_change_that_fails_takes_its_event_with_it(events: Any) -> None:
    (port, kept), user = events, new_id()
    with pytest.raises(RuntimeError):
        async with port.together():
            await port.record(Event(What.REGISTERED, user=user))
            raise RuntimeError("the change failed")
    await port.record(Event(What.LOGIN_ACCEPTED, user=user))
    assert await kept(user) == {"login_accepted": 1}


async def test_a_change_and_its_event_stand_together_also_one_in_another(events: Any) -> None:
    (port, kept), user = events, new_id()
    async with port.together():
        await port.record(Event(What.REFRESH_REUSED, user=user))
        async with port.together():
            await port.record(Event(What.SESSION_ENDED, user=user))
    assert await kept(user) == {"refresh_reused": 1, "session_ended": 1}


async def test_refusals_are_counted_and_none_is_lost(events: Any) -> None:
    (port, kept), user = events, new_id()
    for reason in ("wrong_password", "locked", "wrong_password"):
        port.note(Event(What.LOGIN_REFUSED, user=user, reason=reason))
    assert await kept(user) == {"login_refused": 3}
