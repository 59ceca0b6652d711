from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.auth_service import Auth, no_keys, serve_auth


@pytest.fixture(autouse=True)
async def keys_of_this_test_only(postgres: Any) -> AsyncIterator[None]:
    async with no_keys(postgres):
        yield


@pytest.fixture
async def auth(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str, keys_of_this_test_only: None
) -> Auth:
    return await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
