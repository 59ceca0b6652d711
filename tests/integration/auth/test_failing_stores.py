"""Stores that break under a running service: 503 at worst, never 500, and back without a hand."""

import asyncio
from typing import Any

from redis.asyncio import Redis

from tests.fakes.auth_service import Auth, bearer

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'auth'"


async def until_200(ask: Any) -> set[int]:
    """The statuses on the way to a 200, which has to come soon."""
    seen = set()
    for _ in range(50):
        status = (await ask()).status
        if status == 200:
            return seen
        seen.add(status)
        await asyncio.sleep(0.05)
    raise AssertionError(seen)


async def test_cut_database_connections_are_replaced(auth: Auth, postgres: Any) -> None:
    person = await auth.register()
    tokens = await auth.exchange(person)
    for _ in range(3):
        await asyncio.to_thread(postgres.psql, "countersign", CUT)
        assert await until_200(lambda: auth.login(person.email)) <= {503}
        await asyncio.to_thread(postgres.psql, "countersign", CUT)
        headers = bearer(tokens["access_token"])
        assert await until_200(lambda headers=headers: auth.http.get("/v1/sessions", headers=headers)) <= {503}


async def test_fifty_logins_while_connections_are_cut_are_answered_and_none_is_a_500(auth: Auth, postgres: Any) -> None:
    people = [await auth.register() for _ in range(10)]
    logins = [asyncio.create_task(auth.login(person.email)) for person in people for _ in range(2)]
    await asyncio.to_thread(postgres.psql, "countersign", CUT)
    answers = await asyncio.gather(*logins)
    assert {answer.status for answer in answers} <= {200, 503}
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status == 503)


async def test_a_valkey_that_forgot_its_scripts_is_taught_again(auth: Auth, valkey_url: str) -> None:
    person = await auth.register()
    async with Redis.from_url(valkey_url) as client:
        await client.script_flush()
        assert (await auth.login(person.email)).status == 200
        await client.flushall()
        assert (await auth.login(person.email)).status == 200


async def test_a_valkey_that_does_not_answer_lets_nobody_in_and_nobody_wait_long(auth: Auth, valkey_url: str) -> None:
    person = await auth.register()
    async with Redis.from_url(valkey_url) as client:
        await client.execute_command("CLIENT", "PAUSE", "4500", "ALL")
    answer = await asyncio.wait_for(auth.login(person.email), 5)
    assert answer.status == 503
    assert await until_200(lambda: auth.login(person.email)) <= {503}


async def test_a_database_that_went_read_only_is_unavailable(auth: Auth, postgres: Any) -> None:
    """What a standby says before it is promoted."""
    person = await auth.register()
    await asyncio.to_thread(postgres.psql, "countersign", "ALTER ROLE auth SET default_transaction_read_only = on")
    try:
        await asyncio.to_thread(postgres.psql, "countersign", CUT)
        # A password that is right is on record before it is answered: what cannot be written down lets nobody in.
        assert (await auth.login(person.email)).status == 503
        answer = await auth.ask_token(auth.exchange_form(person))
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    finally:
        await asyncio.to_thread(postgres.psql, "countersign", "ALTER ROLE auth RESET default_transaction_read_only")
        await asyncio.to_thread(postgres.psql, "countersign", CUT)
    assert await until_200(lambda: auth.ask_token(auth.exchange_form(person))) <= {503}
