"""Accounts and passwords over HTTP, on real stores."""

import asyncio
from typing import Any

import asyncpg
import pytest
from argon2 import PasswordHasher

from chassis.clock import system_clock
from tests.fakes.auth_ids import new_email
from tests.fakes.auth_service import PASSWORD, Auth, serve_auth


async def test_registering_answers_a_login_that_lacks_its_second_factor(auth: Auth) -> None:
    answer = await auth.http.post("/v1/users", json={"email": new_email(), "password": PASSWORD})
    body = await answer.json()
    assert answer.status == 201
    assert set(body) == {"mfa_token", "expires_in", "user_id"}
    assert body["expires_in"] == 300
    assert answer.headers["Cache-Control"] == "no-store"


async def test_signing_in_answers_the_same_shape(auth: Auth) -> None:
    person = await auth.register()
    answer = await auth.login(person.email)
    body = await answer.json()
    assert answer.status == 200
    assert set(body) == {"mfa_token", "expires_in", "user_id"}
    assert body["user_id"] == person.user_id


async def test_a_taken_address_is_a_conflict(auth: Auth) -> None:
    person = await auth.register()
    answer = await auth.http.post("/v1/users", json={"email": person.email.upper(), "password": PASSWORD})
    assert answer.status == 409
    assert answer.content_type == "application/problem+json"
    assert (await answer.json())["error"] == "email_taken"


async def test_of_ten_registrations_of_one_address_at_once_one_wins(auth: Auth) -> None:
    body = {"email": new_email(), "password": PASSWORD}
    answers = await asyncio.gather(*(auth.http.post("/v1/users", json=body) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 9


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("elevenchars", "too_short"),
        ("x" * 129, "too_long"),
        ("password12345", "common"),
        ("hunter2hunter2", "guessable"),
        ("countersign", "too_short"),
        ("countersign1", "personal"),
    ],
)
async def test_a_weak_password_is_refused_with_its_reason(auth: Auth, password: str, reason: str) -> None:
    answer = await auth.http.post("/v1/users", json={"email": new_email(), "password": password})
    body = await answer.json()
    assert (answer.status, body["error"], body["reason"]) == (400, "weak_password", reason)


async def test_the_hash_in_the_store_is_argon2id_with_the_parameters_of_the_settings(auth: Auth) -> None:
    person = await auth.register()
    stored = await auth.database.fetchval("SELECT password_hash FROM users WHERE id = $1", person.user_id)
    assert stored.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert PASSWORD not in stored


async def test_a_hash_follows_the_parameters_at_the_next_login(auth: Auth) -> None:
    person = await auth.register()
    old = PasswordHasher(time_cost=2, memory_cost=128, parallelism=1).hash(PASSWORD)
    await auth.database.execute("UPDATE users SET password_hash = $2 WHERE id = $1", person.user_id, old)
    await auth.sign_in(person.email)
    stored = await auth.database.fetchval("SELECT password_hash FROM users WHERE id = $1", person.user_id)
    assert stored.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    await auth.sign_in(person.email)


@pytest.mark.parametrize(
    "password",
    [
        "nul\x00in the middle",
        "wooden lantern, nine kites " + "\U0001f511" * 101,
        "Cafe\u0301 au lait, twice",
        " leading and trailing ",
    ],
)
async def test_any_characters_make_a_password_and_all_of_them_count(auth: Auth, password: str) -> None:
    person = await auth.register(password=password)
    assert (await auth.login(person.email, password)).status == 200
    assert (await auth.login(person.email, password[:-1])).status == 401


async def test_a_person_s_own_sign_ins_at_the_same_moment_do_not_lock_each_other_out(auth: Auth) -> None:
    person = await auth.register()
    answers = await asyncio.gather(*(auth.login(person.email) for _ in range(30)))
    assert {answer.status for answer in answers} == {200}


async def test_sign_ins_that_overtake_each_other_are_not_taken_for_guesses(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    """With a clock that moves: what a later request wrote down is in the future of an earlier one."""
    auth = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url, clock=system_clock)
    people = [await auth.register() for _ in range(8)]

    async def sign_in_again_and_again(email: str) -> set[int]:
        return {(await auth.login(email)).status for _ in range(25)}

    statuses = await asyncio.gather(*(sign_in_again_and_again(person.email) for person in people for _ in range(2)))
    assert set().union(*statuses) == {200}


async def test_a_full_hash_pool_says_so_at_once_and_recovers(
    aiohttp_client, aiohttp_server, postgres, valkey_url
) -> None:
    auth = await serve_auth(
        aiohttp_client, aiohttp_server, postgres, valkey_url, hash_workers=1, hash_queue=1, argon2_memory_kib=65536
    )
    person = await auth.register()
    answers = await asyncio.gather(*(auth.login(person.email) for _ in range(12)))
    statuses = [answer.status for answer in answers]
    assert statuses.count(503) >= 8
    assert statuses.count(200) == 12 - statuses.count(503)
    refused = next(answer for answer in answers if answer.status == 503)
    assert refused.headers["Retry-After"] == "1"
    assert (await refused.json())["error"] == "overloaded"
    assert (await auth.login(person.email)).status == 200


async def test_with_valkey_away_nobody_signs_in_and_open_sessions_go_on(
    aiohttp_client, aiohttp_server, postgres, valkey_url, free_port
) -> None:
    here = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
    person = await here.register()
    away = await serve_auth(aiohttp_client, aiohttp_server, postgres, f"redis://127.0.0.1:{free_port()}/0")
    answer = await away.login(person.email)
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"
    assert (await answer.json())["error"] == "unavailable"
    tokens = await away.exchange(person)
    assert (await away.refresh(tokens["refresh_token"])).status == 200


async def test_the_runtime_role_may_do_no_more_than_it_must(auth: Auth) -> None:
    person = await auth.register()
    for forbidden in (
        "DELETE FROM users",
        "UPDATE users SET email = 'x'",
        "DROP TABLE users",
        "TRUNCATE sessions",
        "CREATE TABLE mine ()",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await auth.database.execute(forbidden)
    assert await auth.sign_in(person.email)
