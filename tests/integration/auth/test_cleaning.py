"""Old rows go, and with them nothing that anything depends on."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.auth.flows.clean_up import CleanUp
from services.auth.store import attic
from services.auth.store.attic import PostgresAttic
from tests.fakes.auth_service import Auth, serve_auth

DAY = timedelta(days=1)


def cleaner(auth: Auth) -> CleanUp:
    return CleanUp(PostgresAttic(auth.database), DAY, auth.clock)


async def test_a_session_is_kept_for_a_while_after_it_could_have_lived(auth: Auth) -> None:
    await auth.session()
    auth.clock.advance(days=2)
    await cleaner(auth)()
    sessions = await auth.count("sessions")
    assert sessions >= 1
    auth.clock.advance(seconds=1)
    assert await cleaner(auth)() >= 1
    assert await auth.count("sessions") < sessions


async def test_a_spent_proof_is_remembered_until_no_token_is_left(auth: Auth) -> None:
    person = await auth.register()
    form = auth.exchange_form(person)
    await auth.ask_token(form)
    auth.clock.advance(minutes=4)
    await cleaner(auth)()
    assert (await auth.ask_token({**form, "receipt": auth.twofactor.receipt(person)})).status == 400


async def test_many_old_rows_go_in_small_steps(auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    auth.clock.advance(days=400)
    await cleaner(auth)()
    auth.clock.advance(days=-400)
    await auth.session()
    await auth.database.execute(
        """
        INSERT INTO sessions SELECT gen_random_uuid(), user_id, client_id, scope, amr, authenticated_at, opened_at, last_used_at,
            expires_at, ended_at, end_reason, address, browser, partial_id || n, receipt_id || n
        FROM sessions, generate_series(1, 1200) AS n
        """
    )
    auth.clock.advance(days=3)
    steps = []
    old = PostgresAttic(auth.database)
    while step := await old.remove_some(auth.clock() - DAY):
        steps.append(step)
    assert steps[:3] == [attic.AT_ONCE, attic.AT_ONCE, 201]
    assert await auth.count("sessions") == 0
    assert await auth.count("refresh_families") == 0


async def test_one_process_cleans_at_a_time(auth: Auth, postgres: Any) -> None:
    await auth.session()
    auth.clock.advance(days=3)
    other = await asyncpg.connect(postgres.url("auth"))
    async with other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock($1)", attic.LOCK)
        assert await cleaner(auth)() == 0
    assert await cleaner(auth)() >= 1
    await other.close()


async def test_the_service_cleans_up_by_itself(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    auth = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url, cleanup_interval=1)
    tokens = await auth.session()
    assert tokens
    auth.clock.advance(days=3)
    for _ in range(50):
        await asyncio.sleep(0.1)
        if not await auth.count("sessions"):
            return
    pytest.fail("the old session is still there")
