"""One house for all, with one good token of each kind in it."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
import redis

from tests.fakes.auth_service import no_keys
from tests.fakes.three_services import House, three_services
from tests.security.tokens.kinds import Collection


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(postgres: Any, valkey_server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    with redis.Redis.from_url(valkey_server) as client:
        client.flushall()
    folder = tmp_path_factory.mktemp("policy")
    # Everybody may ask as a proxy: it is tokens that are tried here.
    running = three_services(postgres, valkey_server, folder, forward_auth_proxies="127.0.0.0/8")
    async with no_keys(postgres), running as each:
        yield each


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owners(postgres: Any) -> AsyncIterator[dict[str, asyncpg.Connection]]:
    """Whoever sees all of a service's tables, by schema."""
    opened = {schema: await asyncpg.connect(postgres.owner_url(schema)) for schema in ("auth", "twofactor")}
    yield opened
    for owner in opened.values():
        await owner.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def collection(house: House) -> Collection:
    return await Collection(house).gather()
