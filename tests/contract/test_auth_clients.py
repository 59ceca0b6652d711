"""Service clients: what memory and PostgreSQL both must do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import asyncpg
import pytest

from services.auth.model.client import Secret, ServiceClient, digest_of
from services.auth.model.grant import GrantType
from services.auth.model.registration import Unregistrable
from services.auth.ports_of_clients import ClientRegister, ServiceClients
from services.auth.store.service_clients import PostgresServiceClients
from tests.fakes.auth_clients import new_client_id
from tests.fakes.auth_stores import FakeServiceClients

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "1", "alg": "EdDSA"}


class Clients(ServiceClients, ClientRegister, Protocol):
    """Both ports: one store answers them."""


@pytest.fixture(params=["memory", "postgres"])
async def clients(request: pytest.FixtureRequest) -> AsyncIterator[Clients]:
    if request.param == "memory":
        yield FakeServiceClients()
        return
    pool = await asyncpg.create_pool(request.getfixturevalue("postgres").url("auth"), min_size=1, max_size=10)
    yield PostgresServiceClients(pool, {})
    await pool.close()


def a_client(**changes: Any) -> ServiceClient:
    values: dict[str, Any] = {
        "id": new_client_id(),
        "secrets": (Secret(digest_of("the first secret")),),
        "keys": (KEY,),
        "scopes": frozenset({"invoices:read", "reports"}),
        "grants": frozenset({GrantType.CLIENT_CREDENTIALS}),
        "created_at": NOW,
        **changes,
    }
    return ServiceClient(**values)


@pytest.mark.parametrize("changes", [{}, {"keys": ()}, {"secrets": ()}, {"scopes": frozenset(), "grants": frozenset()}])
async def test_a_client_is_found_as_it_was_made(clients: Clients, changes: dict[str, Any]) -> None:
    client = a_client(**changes)
    await clients.add(client)
    assert await clients.by_id(client.id) == client
    assert client in await clients.all()


@pytest.mark.parametrize("stranger", ["", "nobody", "a\0b", "é", "x" * 5000, "'; --"])
async def test_a_stranger_is_not_found(clients: Clients, stranger: str) -> None:
    assert await clients.by_id(stranger) is None


async def test_of_ten_that_make_the_same_client_at_once_one_does(clients: Clients) -> None:
    client = a_client()
    done = await asyncio.gather(*(clients.add(client) for _ in range(10)), return_exceptions=True)
    assert done.count(None) == 1
    assert sum(isinstance(each, Unregistrable) for each in done) == 9


async def test_all_are_told_by_id(clients: Clients) -> None:
    for client in (a_client(), a_client(), a_client()):
        await clients.add(client)
    names = [client.id for client in await clients.all()]
    assert names == sorted(names)


async def test_the_old_secret_goes_on_for_the_time_it_was_given_and_no_third_beside_it(clients: Clients) -> None:
    client = a_client()
    await clients.add(client)
    for secret, minutes in (("the second", 10), ("the third", 20)):
        await clients.replace_secret(client.id, digest_of(secret), NOW + timedelta(minutes=minutes))
    found = await clients.by_id(client.id)
    assert found is not None
    good = {
        minutes: [each for each in ("the first secret", "the second", "the third") if found.has_secret(each, moment)]
        for minutes in (0, 19, 20)
        if (moment := NOW + timedelta(minutes=minutes))
    }
    assert good == {0: ["the second", "the third"], 19: ["the second", "the third"], 20: ["the third"]}


async def test_keys_are_replaced_whole(clients: Clients) -> None:
    client = a_client()
    await clients.add(client)
    await clients.replace_keys(client.id, [{**KEY, "kid": "2"}, {**KEY, "kid": "3"}])
    found = await clients.by_id(client.id)
    assert found is not None
    assert [key["kid"] for key in found.keys] == ["2", "3"]
    assert found.secrets == client.secrets


async def test_a_client_is_shut_out_once_and_found_all_the_same(clients: Clients) -> None:
    client = a_client()
    await clients.add(client)
    await clients.disable(client.id, NOW)
    await clients.disable(client.id, NOW + timedelta(hours=1))
    found = await clients.by_id(client.id)
    assert found is not None
    assert found.disabled_at == NOW


async def test_whoever_is_not_there_cannot_be_changed(clients: Clients) -> None:
    nobody = new_client_id()
    for change in (
        clients.replace_secret(nobody, digest_of("x"), NOW),
        clients.replace_keys(nobody, []),
        clients.disable(nobody, NOW),
    ):
        with pytest.raises(Unregistrable):
            await change
    assert await clients.by_id(nobody) is None
