"""Floods against the running services on real stores: what they reach, and whom they keep out."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.auth_ids import new_email
from tests.fakes.auth_service import PASSWORD, Auth, no_keys, serve_auth

WRONG = "not-the-password-at-all"
OTHERS = {"X-Forwarded-For": "198.51.100.1"}


@pytest.fixture
async def auth(aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str) -> AsyncIterator[Auth]:
    async with no_keys(postgres):
        yield await serve_auth(
            aiohttp_client, aiohttp_server, postgres, valkey_url, hash_queue=60, registrations_network=10
        )


def from_(number: int, **more: str) -> dict[str, str]:
    return {"X-Forwarded-For": f"203.0.113.{number}", **more}


async def test_a_botnet_that_shuts_an_account_does_not_shut_its_owner_out(auth: Auth) -> None:
    """Fifty wrong passwords from thirteen networks: strangers are out, the device that signed in before is not."""
    person = await auth.register()
    device = {"Countersign-Device": (await auth.exchange(person))["device_token"]}
    for number in range(13):
        await asyncio.gather(*(auth.login(person.email, WRONG, headers=from_(number)) for _ in range(4)))
    assert (await auth.login(person.email, headers=OTHERS)).status == 401
    assert (await auth.login(person.email, headers={**OTHERS, **device})).status == 200
    stolen = await asyncio.gather(*(auth.login(person.email, WRONG, headers=from_(99, **device)) for _ in range(20)))
    assert {answer.status for answer in stolen} <= {401, 503}
    assert (await auth.login(person.email, headers=from_(99, **device))).status == 401, "and guesses no faster"


async def test_a_device_of_one_account_is_a_stranger_to_another(auth: Auth) -> None:
    eve, victim = await auth.register(), await auth.register()
    device = {"Countersign-Device": (await auth.exchange(eve))["device_token"]}
    await asyncio.gather(*(auth.login(victim.email, WRONG, headers=from_(1, **device)) for _ in range(20)))
    assert (await auth.login(victim.email, headers=from_(1))).status == 401, "counted with its network"


async def test_a_registration_flood_from_one_network_stops_and_others_still_register(auth: Auth) -> None:
    async def register(headers: dict[str, str]) -> Any:
        body = {"email": new_email(), "password": PASSWORD}
        return await auth.http.post("/v1/users", json=body, headers=headers)

    answers = [await register(from_(1)) for _ in range(12)]
    assert [answer.status for answer in answers] == [201] * 10 + [429] * 2
    assert answers[0].headers["RateLimit"].startswith('"register_failed";r=99')
    assert '"register_network-3600";r=9' in answers[0].headers["RateLimit"]
    refused = answers[-1].headers
    assert refused["RateLimit-Policy"] == '"register_network-3600";q=10;w=3600'
    assert refused["RateLimit"] == f'"register_network-3600";r=0;t={refused["Retry-After"]}'
    assert (await register(OTHERS)).status == 201


async def test_no_answer_about_an_account_says_how_its_limits_stand(auth: Auth) -> None:
    person = await auth.register()
    answers = [await auth.login(person.email, WRONG) for _ in range(8)]
    answers.append(await auth.login(new_email(), WRONG))
    assert {answer.status for answer in answers} == {401}
    assert not any({"RateLimit", "RateLimit-Policy", "Retry-After"} & set(answer.headers) for answer in answers)
    right = await auth.login(person.email, headers=OTHERS)
    assert "login_network" in right.headers["RateLimit"]
    assert "pair" not in right.headers["RateLimit"]
    assert "account" not in right.headers["RateLimit"]


async def test_addresses_that_a_client_makes_up_are_one_network_if_they_are_no_addresses(auth: Auth) -> None:
    """What the gateway sends is one address; anything else counts for whoever sent it."""
    person = await auth.register()
    for number in range(8):
        await auth.login(person.email, WRONG, headers={"X-Forwarded-For": f"1.2.3.{number}, 5.6.7.8, made up {number}"})
    assert (await auth.login(person.email)).status == 401
