from typing import Any

import pytest

from tests.fakes.auth_service import Auth, serve_auth


@pytest.fixture
async def auth(aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str) -> Auth:
    return await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
