"""Old tables go, and with them nothing that anything depends on."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.auth.flows.clean_up import CleanUp
from services.auth.store.attic import PostgresAttic
from tests.fakes.auth_service import Auth, serve_auth

DAY = timedelta(days=1)
OLD = """
CREATE TABLE sessions_{name} (LIKE sessions INCLUDING DEFAULTS);
CREATE TABLE refresh_families_{name} (LIKE refresh_families INCLUDING DEFAULTS);
ALTER TABLE sessions DETACH PARTITION sessions_first;
ALTER TABLE sessions ATTACH PARTITION sessions_{name} FOR VALUES FROM ('2020-01-01') TO ('2020-01-02');
ALTER TABLE sessions ATTACH PARTITION sessions_first FOR VALUES FROM ('2020-01-02') TO ('{ends}');
"""
BOUND = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'sessions_first'"


async def old_table(postgres: Any, name: str) -> None:
    """One that ended in 2020, before the first."""
    owner = await asyncpg.connect(postgres.owner_url("auth"))
    ends = (await owner.fetchval(BOUND)).split("TO ('")[1].split("'")[0]
    await owner.execute(OLD.format(name=name, ends=ends))
    await owner.close()


async def is_there(auth: Auth, name: str) -> bool:
    return await auth.database.fetchval("SELECT to_regclass($1)", f"sessions_{name}") is not None


def cleaner(auth: Auth) -> CleanUp:
    now = datetime.now(UTC)  # noqa: TID251 the tables go by PostgreSQL's own clock
    return CleanUp(PostgresAttic(auth.database), DAY, DAY, lambda: now)


async def test_old_tables_go_one_after_the_other_and_one_process_at_a_time(auth: Auth, postgres: Any) -> None:
    tokens = await auth.session()
    await old_table(postgres, "long_gone")
    other = await asyncpg.connect(postgres.url("auth"))
    clean = cleaner(auth)
    async with other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock(hashtext('auth.sessions'))")
        assert await clean.attic.drop_some(clean.clock() - DAY) == 0
    assert await is_there(auth, "long_gone")
    await other.close()
    assert await clean() >= 1
    assert not await is_there(auth, "long_gone")
    assert (await auth.refresh(tokens["refresh_token"])).status == 200


async def test_a_spent_proof_is_remembered_until_no_token_is_left(auth: Auth) -> None:
    person = await auth.register()
    form = auth.exchange_form(person)
    await auth.ask_token(form)
    auth.clock.advance(minutes=4)
    await cleaner(auth)()
    assert (await auth.ask_token({**form, "receipt": auth.twofactor.receipt(person)})).status == 400


async def test_the_service_cleans_up_by_itself(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    await old_table(postgres, "found_by_the_beat")
    auth = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url, cleanup_interval=1)
    auth.clock.advance(days=3650)
    for _ in range(50):
        await asyncio.sleep(0.1)
        if not await is_there(auth, "found_by_the_beat"):
            return
    pytest.fail("the old table is still there")


async def test_a_login_of_today_goes_to_a_table_of_its_time(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    """Through the whole service, behind the table of before the migration: every id carries the login's time."""
    auth = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
    now = datetime.now(UTC)  # noqa: TID251 as above
    auth.clock.now = now + timedelta(days=6)
    tokens = await auth.session()
    person = await auth.introspect(tokens["access_token"])
    where = "SELECT tableoid::regclass::text FROM sessions WHERE id = $1"
    assert await auth.database.fetchval(where, person["sid"]) not in {None, "sessions_first"}
    answer = await auth.refresh(tokens["refresh_token"])
    assert answer.status == 200
    assert (await auth.introspect((await answer.json())["access_token"]))["active"]
