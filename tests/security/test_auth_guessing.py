"""Guessing passwords, and finding out who has an account."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from services.auth.api.sign_in import LOGIN
from tests.fakes.auth_ids import new_email
from tests.fakes.auth_service import PASSWORD, Auth, no_keys, serve_auth

WRONG = "not-the-password-at-all"


@pytest.fixture
async def auth(aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str) -> AsyncIterator[Auth]:
    async with no_keys(postgres):
        yield await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url, hash_queue=50)


def count_verifications(auth: Auth) -> list[str]:
    """Which hashes are computed with from now on: the work itself, wherever it is decided."""
    passwords: Any = auth.app[LOGIN].passwords
    asked: list[str] = []
    original = passwords._verify

    def verify(password_hash: str, password: str) -> bool:
        asked.append(password_hash)
        right: bool = original(password_hash, password)
        return right

    passwords._verify = verify
    return asked


async def refusal(auth: Auth, email: str, password: str) -> tuple[int, Any, dict[str, str]]:
    answer = await auth.login(email, password)
    headers = {name: value for name, value in answer.headers.items() if name not in {"Date", "X-Request-ID"}}
    return answer.status, await answer.json(), headers


async def test_unknown_wrong_and_locked_get_the_same_answer_for_the_same_work(auth: Auth) -> None:
    person = await auth.register()
    asked = count_verifications(auth)
    wrong = await refusal(auth, person.email, WRONG)
    assert len(asked) == 1
    unknown = await refusal(auth, new_email(), WRONG)
    assert len(asked) == 2, "a hash is checked also where there is none"
    for _ in range(5):
        await refusal(auth, person.email, WRONG)
    before = len(asked)
    locked = await refusal(auth, person.email, PASSWORD)
    assert wrong == unknown == locked
    assert wrong[0] == 401
    assert wrong[1]["error"] == "invalid_credentials"
    assert "Retry-After" not in wrong[2]
    assert len(asked) == before + 1


async def test_unknown_and_wrong_take_the_same_time(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    """Coarse on purpose: without the dummy hash the ratio is about ten, so a factor of two tells, on any machine."""
    limits = {"login_tries": 16, "login_tries_account": 50, "login_tries_network": 10_000}
    async with no_keys(postgres):
        auth = await serve_auth(
            aiohttp_client, aiohttp_server, postgres, valkey_url, argon2_memory_kib=19456, argon2_passes=2, **limits
        )
        person = await auth.register()

        async def took(email: str) -> float:
            began = time.perf_counter()
            await auth.login(email, WRONG)
            return time.perf_counter() - began

        pairs = [(await took(person.email), await took(new_email())) for _ in range(15)]
    # The fastest of each, in turns: what a busy machine adds to some is no part of what they cost.
    known, unknown = (min(times) for times in zip(*pairs, strict=True))
    assert 0.5 < known / unknown < 2


async def test_a_hundred_guesses_at_once_are_five(auth: Auth, capsys: pytest.CaptureFixture[str]) -> None:
    person = await auth.register()
    answers = await asyncio.gather(*(auth.login(person.email, f"{WRONG}{n}") for n in range(100)))
    assert {answer.status for answer in answers} <= {401, 503}
    assert capsys.readouterr().out.count("wrong_password") == 5
    assert (await auth.login(person.email, PASSWORD)).status == 401
    auth.clock.advance(seconds=63)
    assert (await auth.login(person.email, PASSWORD)).status == 200


async def test_the_right_password_among_a_hundred_at_once_is_not_found_out(auth: Auth) -> None:
    """The right one is the last of the burst: when it is looked at, the account is locked."""
    person = await auth.register()
    guesses = [f"{WRONG}{n}" for n in range(60)]
    await asyncio.gather(*(auth.login(person.email, guess) for guess in guesses[:10]))
    answers = await asyncio.gather(*(auth.login(person.email, guess) for guess in [*guesses[10:], PASSWORD]))
    assert 200 not in {answer.status for answer in answers}


async def test_an_attacker_elsewhere_does_not_lock_the_owner_out(auth: Auth) -> None:
    person = await auth.register()
    for _ in range(20):
        await auth.login(person.email, WRONG, headers={"X-Forwarded-For": "203.0.113.66"})
    locked = await auth.login(person.email, PASSWORD, headers={"X-Forwarded-For": "203.0.113.66"})
    assert locked.status == 401
    assert (await auth.login(person.email, PASSWORD, headers={"X-Forwarded-For": "198.51.100.1"})).status == 200


async def test_a_botnet_gets_no_further_than_the_account_s_own_limit(auth: Auth) -> None:
    person = await auth.register()
    for n in range(60):
        await auth.login(person.email, WRONG, headers={"X-Forwarded-For": f"203.0.113.{n}"})
    answer = await auth.login(person.email, PASSWORD, headers={"X-Forwarded-For": "203.0.113.99"})
    assert answer.status == 401


async def test_addresses_of_one_ipv6_customer_are_one(auth: Auth) -> None:
    person = await auth.register()
    for n in range(10):
        await auth.login(person.email, WRONG, headers={"X-Forwarded-For": f"2001:db8:0:1::{n:x}"})
    answer = await auth.login(person.email, PASSWORD, headers={"X-Forwarded-For": "2001:db8:0:1:ffff::1"})
    assert answer.status == 401


async def test_stolen_passwords_tried_on_many_accounts_run_into_the_network_s_limit(auth: Auth) -> None:
    statuses = [(await auth.login(new_email(), WRONG)).status for _ in range(101)]
    assert statuses == [401] * 100 + [429]
    answer = await auth.login(new_email(), WRONG)
    assert 900 <= int(answer.headers["Retry-After"]) <= 938
    assert answer.headers["RateLimit-Policy"] == '"login_network-900";q=100;w=900'
    assert answer.headers["RateLimit"] == f'"login_network-900";r=0;t={answer.headers["Retry-After"]}'
    assert (await answer.json())["error"] == "too_many_attempts"


async def test_asking_which_addresses_are_taken_runs_into_a_limit(auth: Auth) -> None:
    person = await auth.register()
    body = {"email": person.email, "password": PASSWORD}
    statuses = [(await auth.http.post("/v1/users", json=body)).status for _ in range(101)]
    assert statuses == [409] * 100 + [429]
    fresh = await auth.http.post("/v1/users", json={"email": new_email(), "password": PASSWORD})
    assert fresh.status == 429


async def test_nothing_in_valkey_names_a_person_or_a_network(auth: Auth, valkey_url: str) -> None:
    person = await auth.register()
    await auth.login(person.email, WRONG, headers={"X-Forwarded-For": "203.0.113.66"})
    async with Redis.from_url(valkey_url) as client:
        keys = [key async for key in client.scan_iter("auth:*")]
        assert keys
        assert all(await asyncio.gather(*(client.pttl(key) for key in keys)))
        assert not any(person.email.encode() in key or b"203.0.113" in key for key in keys)


async def test_no_log_line_holds_a_password_a_token_or_an_address(
    auth: Auth, capsys: pytest.CaptureFixture[str]
) -> None:
    person = await auth.register()
    await auth.login(person.email, WRONG)
    tokens = await auth.exchange(await auth.sign_in(person.email))
    await auth.refresh(tokens["refresh_token"])
    await auth.http.post("/v1/users", json={"email": person.email, "password": "hunter2hunter2"})
    await auth.http.post(
        "/v1/login", data=b'{"email": "' + person.email.encode(), headers={"Content-Type": "application/json"}
    )
    written = "".join(capsys.readouterr())
    assert "login_refused" in written
    for secret in (person.email, PASSWORD, WRONG, "hunter2", person.mfa_token, *tokens.values()):
        assert not isinstance(secret, str) or secret in {"Bearer", "session"} or secret not in written
