"""What `bench.fill` makes up is what the services would have written."""

import json
from datetime import timedelta
from typing import Any

import asyncpg

from bench.fill_ids import dated_id, plain_id
from chassis.audit.checking import check_rows
from chassis.audit.trail import Trail
from chassis.clock import system_clock
from chassis.dated_ids import moment_of
from services.auth.store.families import PostgresFamilies
from services.auth.store.sessions import PostgresSessions
from services.twofactor.store.receipt_rows import ReceiptRows
from tests.fakes.auth_stores import RecordedEvents
from tests.integration.plans.conftest import SIZES
from tools.devstack.engines import Postgres


def test_ids_carry_their_time_as_those_of_the_services_do() -> None:
    now = system_clock()
    made = dated_id("session", 7, now)
    assert moment_of(str(made)) == now.replace(microsecond=now.microsecond // 1000 * 1000)
    assert moment_of(str(plain_id("user", 7))) is None
    assert made == dated_id("session", 7, now) != dated_id("session", 8, now)


async def test_the_record_verifies_and_its_months_are_tables(postgres: Postgres) -> None:
    # As the owner, here and below: what the services' roles ask is what test_plans.py judges.
    pool: Any = await asyncpg.connect(postgres.owner_url("auth"))
    # Before the signed ends of this suite's own making, which nobody signed.
    found = await check_rows(Trail(pool), None, [])
    says = [
        fault for fault in found["faults"] if "signature" not in fault["says"] and "another hash" not in fault["says"]
    ]
    tables = await pool.fetchval("SELECT count(DISTINCT tableoid) FROM audit_events")
    await pool.close()
    assert not says, json.dumps(says)
    assert found["rows"] >= SIZES.records * 2 // 5
    assert tables >= 10


async def test_sessions_and_receipts_are_found_by_id_in_many_tables(postgres: Postgres) -> None:
    async with asyncpg.create_pool(postgres.owner_url("auth"), min_size=1, max_size=1) as pool:
        opened = "SELECT id FROM sessions WHERE ended_at IS NULL AND opened_at < now() - interval '9 days' LIMIT 1"
        session = str(await pool.fetchval(opened))
        family = str(await pool.fetchval("SELECT id FROM refresh_families WHERE session_id = $1", session))
        assert await PostgresSessions(pool, RecordedEvents()).by_id(session, system_clock())
        found = await PostgresFamilies(pool).by_id(family)
        assert found is not None and found[1].id == session
        assert await pool.fetchval("SELECT count(DISTINCT tableoid) FROM sessions") >= 8
        ended = await pool.fetchval("SELECT avg((ended_at IS NOT NULL)::int) FROM sessions")
        assert 0.2 < ended < 0.6
    async with asyncpg.create_pool(postgres.owner_url("twofactor"), min_size=1, max_size=1) as pool:
        receipt = str(await pool.fetchval("SELECT id FROM issued_receipts ORDER BY began_at LIMIT 1"))
        row = await ReceiptRows(pool).by_id(receipt)
        assert row is not None
        assert row.facts.expires_at == row.facts.issued_at + timedelta(seconds=60)
