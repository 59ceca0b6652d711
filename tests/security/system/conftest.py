"""One running system for all attacks of this folder, and somebody to attack."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from tests.security.system.attacker import Victim
from tools.devstack.stack import Stack

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them share the session's stack, and so one worker."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("system"))


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    connector = TCPConnector(limit=0)
    async with ClientSession(timeout=ClientTimeout(total=20), connector=connector, cookie_jar=DummyCookieJar()) as each:
        yield each


@pytest.fixture
async def victim(stack: Stack, http: ClientSession) -> Victim:
    return await Victim.of(stack, http)


@pytest.fixture
async def stranger(stack: Stack, http: ClientSession) -> Victim:
    """The attacker's own account: everybody may have one."""
    return await Victim.of(stack, http)
