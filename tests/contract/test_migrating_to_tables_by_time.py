"""From one table to tables by time, with people signed in: nobody is signed out, and nothing that was spent is good again."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chassis.migrate import migrate
from services.auth.model.session import Proofs
from services.auth.store.families import PostgresFamilies
from services.auth.store.sessions import PostgresSessions
from services.twofactor.model.receipt import ReceiptFacts
from services.twofactor.store.receipt_rows import ReceiptRows
from services.twofactor.store.receipts import PostgresReceipts
from tests.contract.test_auth_stores import a_session, family_of
from tests.fakes.auth_ids import new_id
from tests.fakes.auth_stores import RecordedEvents
from tests.fakes.twofactor_drafts import a_challenge
from tests.fakes.twofactor_stores import RecordedEvents as Recorded
from tools.devstack.engines import ROOT, Postgres

NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 the tables go by PostgreSQL's own clock
USER = "INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES ($1, $2, $2, 'a hash', now())"
# As the version before says it; it goes on doing so while containers are replaced.
OPEN = """
INSERT INTO sessions (id, user_id, client_id, scope, amr, authenticated_at, opened_at, last_used_at, expires_at, address,
                      browser, partial_id, receipt_id)
VALUES ($1, $2, 'c', '{}', '{}', $3, $3, $3, $3::timestamptz + interval '1 day', '', '', $4, $5)
ON CONFLICT DO NOTHING RETURNING id
"""
BEGIN = "INSERT INTO refresh_families VALUES ($1, $2, 0, 'x', $3, $3::timestamptz + interval '1 hour')"
ENROL = """
INSERT INTO factors (id, user_id, provider, account, name, email_sealed) VALUES ($1, $2, 'authy', '1', '', '')
"""
RECEIVE = """
INSERT INTO receipts (id, user_id, login, partial_id, amr, issued_at, expires_at, factor_id, channel, address, browser, jws)
VALUES ($1, $1, '', '', '{}', now(), now(), $1, 'push', '', '', '') ON CONFLICT (id) DO NOTHING RETURNING id
"""


class Upgraded:
    """A database of its own, at the version before; `upgrade()` brings it to today's."""

    def __init__(self, postgres: Postgres, service: str, folder: Path) -> None:
        self.postgres, self.service, self.folder = postgres, service, folder / service
        self.name = f"upgraded_{service}"
        postgres.psql("postgres", f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE); CREATE DATABASE {self.name};")
        grants = f"CREATE SCHEMA {service} AUTHORIZATION {service}_owner; GRANT USAGE ON SCHEMA {service} TO {service};"
        postgres.psql(self.name, grants)
        source = ROOT / f"services/{service}/migrations"
        shutil.copytree(source, self.folder / "migrations", ignore=lambda _, names: [n for n in names if n > "0010"])
        self.source = source
        assert migrate(self.folder, self.url(f"{service}_owner")) == 0

    def url(self, role: str) -> str:
        return self.postgres.url(role).replace("/countersign?", f"/{self.name}?")

    def upgrade(self) -> None:
        shutil.copytree(self.source, self.folder / "migrations", dirs_exist_ok=True)
        assert migrate(self.folder, self.url(f"{self.service}_owner")) == 0

    async def down(self) -> None:
        """What stands under `migrate:down` in 0010."""
        (file,) = (self.folder / "migrations").glob("0010*")
        owner = await asyncpg.connect(self.url(f"{self.service}_owner"))
        await owner.execute(file.read_text().split("-- migrate:down")[1])
        await owner.close()


@pytest.fixture
async def upgraded(request: pytest.FixtureRequest, postgres: Postgres, tmp_path: Path) -> AsyncIterator[Any]:
    database = await asyncio.to_thread(Upgraded, postgres, request.param, tmp_path)
    pool = await asyncpg.create_pool(database.url(request.param), min_size=1, max_size=2, statement_cache_size=0)
    yield database, pool
    await pool.close()
    postgres.psql("postgres", f"DROP DATABASE {database.name} WITH (FORCE)")


@pytest.mark.parametrize("upgraded", ["auth"], indirect=True)
async def test_sessions_go_on_and_proofs_stay_spent(upgraded: Any) -> None:
    database, pool = upgraded
    user, sid, family, spent = new_id(), new_id(), new_id(), Proofs(new_id(), new_id(), NOW)
    await pool.execute(USER, user, "eve@example.com")
    assert await pool.fetchval(OPEN, sid, user, NOW, spent.partial_id, spent.receipt_id)
    await pool.execute(BEGIN, family, sid, NOW)
    await asyncio.to_thread(database.upgrade)

    sessions, families = PostgresSessions(pool, RecordedEvents()), PostgresFamilies(pool)
    assert await sessions.by_id(sid, NOW)
    found = await families.by_id(family)
    assert found is not None and found[1].id == sid
    assert await families.replace(found[0], found[0].rotated(b"child", NOW, timedelta(hours=1)))
    for moment in (NOW, NOW + timedelta(minutes=4)):
        person: Any = type("", (), {"id": user})
        again = a_session(person, opened=NOW)
        proofs = Proofs(spent.partial_id, new_id(), moment)
        assert await sessions.open(again, proofs, family_of(again)) is None
    # A process of the version before, still running: what it spends is spent for those of today, and the other way round.
    partial = new_id()
    other = new_id()
    assert await pool.fetchval(OPEN, other, user, NOW, partial, new_id())
    await pool.execute(BEGIN, new_id(), other, NOW)
    assert await pool.fetchval(OPEN, new_id(), user, NOW, spent.partial_id, new_id()) is None
    assert await sessions.open(again, Proofs(partial, new_id(), NOW), family_of(again)) is None

    await database.down()
    assert await pool.fetchval("SELECT count(*) FROM sessions JOIN refresh_families ON session_id = sessions.id") == 2
    assert await pool.fetchval(OPEN, new_id(), user, NOW, spent.partial_id, new_id()) is None


@pytest.mark.parametrize("upgraded", ["twofactor"], indirect=True)
async def test_receipts_are_kept_and_none_is_recorded_twice(upgraded: Any) -> None:
    database, pool = upgraded
    before, meanwhile = a_challenge(id=new_id()), a_challenge(id=new_id())
    assert await pool.fetchval(RECEIVE, before.id)
    await asyncio.to_thread(database.upgrade)

    receipts, rows = PostgresReceipts(pool, Recorded()), ReceiptRows(pool)
    assert await pool.fetchval(RECEIVE, meanwhile.id)
    for challenge in (before, meanwhile):
        assert await rows.by_id(challenge.id)
        facts = ReceiptFacts(challenge.id, challenge.user, "", "", (), NOW, NOW)
        await pool.execute(ENROL, challenge.enrolment, challenge.user)
        assert not await receipts.record(facts, challenge)
    assert {row.facts.id async for row in rows.all()} == {before.id, meanwhile.id}

    await database.down()
    assert await pool.fetchval("SELECT count(*) FROM receipts") == 2
    assert await pool.fetchval(RECEIVE, before.id) is None
