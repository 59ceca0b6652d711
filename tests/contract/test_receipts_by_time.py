"""Receipts in tables by the month of their challenge: recorded once, found by id alone, dropped by whole months."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from chassis.dated_ids import dated
from services.twofactor.model.receipt import ReceiptFacts
from services.twofactor.store.receipt_rows import ReceiptRows
from services.twofactor.store.receipts import PostgresReceipts, ReceiptTables
from tests.fakes.auth_ids import new_id
from tests.fakes.twofactor_drafts import a_challenge
from tests.fakes.twofactor_stores import RecordedEvents
from tools.devstack.engines import Postgres

NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 the tables go by PostgreSQL's own clock
# As if the first table had begun later.
ENROL = """
INSERT INTO factors (id, user_id, provider, account, name, email_sealed) VALUES ($1, $2, 'authy', '1', '', '')
"""
OLD = """
ALTER TABLE issued_receipts DETACH PARTITION receipts;
CREATE TABLE issued_receipts_old (LIKE issued_receipts INCLUDING DEFAULTS);
ALTER TABLE issued_receipts ATTACH PARTITION issued_receipts_old FOR VALUES FROM ('2020-01-01') TO ('{ends}');
"""


@pytest.fixture
async def owner(postgres: Postgres) -> AsyncIterator[asyncpg.Connection]:
    """The owner, whose doings are undone."""
    connection = await asyncpg.connect(postgres.owner_url("twofactor"))
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_a_receipt_behind_the_first_table_is_recorded_once_and_found(postgres: Postgres) -> None:
    later = NOW + timedelta(days=64)
    challenge = a_challenge(id=dated(new_id(), later), receipt="signed")
    facts = ReceiptFacts(challenge.id, challenge.user, "", "", ("pwd",), later, later)
    async with asyncpg.create_pool(postgres.url("twofactor"), min_size=1, max_size=2) as pool:
        receipts, tables = PostgresReceipts(pool, RecordedEvents()), ReceiptTables(pool)
        await tables.make_room()
        await pool.execute(ENROL, challenge.enrolment, challenge.user)
        assert await receipts.record(facts, challenge)
        assert not await receipts.record(facts, challenge)
        assert not await tables.drop_old(timedelta(0)), "whoever asks, nothing younger than 90 days goes"
        found = await ReceiptRows(pool).by_id(challenge.id)
        place = await pool.fetchval("SELECT tableoid::regclass::text FROM issued_receipts WHERE id = $1", challenge.id)
    assert found is not None
    assert (found.facts, found.jws) == (facts, "signed")
    assert place == f"issued_receipts_{later:%Y_%m}"


@pytest.mark.parametrize(("age", "gone"), [(89, 0), (91, 1)])
async def test_months_go_whole_and_on_record(owner: asyncpg.Connection, age: int, gone: int) -> None:
    ends = NOW - timedelta(days=age)
    await owner.execute(OLD.format(ends=ends.isoformat()))
    assert await owner.fetchval("SELECT receipts_expire('0 days')") == gone
    told = await owner.fetch("SELECT facts FROM audit_inbox WHERE what = 'receipts_expired'")
    assert [json.loads(row["facts"]) for row in told] == [{"before": f"{ends:%Y-%m-%d}"}] * gone
