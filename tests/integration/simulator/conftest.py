from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.fakes.clock import FakeClock
from tests.integration.simulator.outside import Caller, Receiver, listening
from tools.authy_simulator.app import create_app
from tools.authy_simulator.settings import Settings

Start = Callable[..., web.Application]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver


@pytest.fixture
def settings(receiver: Receiver) -> Settings:
    return Settings(callback_url=receiver.url)


@pytest.fixture
def codes() -> Callable[[], str]:
    """1000000, 1000001, ..."""
    numbers = count(1_000_000)
    return lambda: str(next(numbers))


@pytest.fixture
async def http(
    settings: Settings, clock: FakeClock, codes: Callable[[], str]
) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    async with TestClient(TestServer(create_app(settings, clock=clock, new_code=codes))) as client:
        yield client


@pytest.fixture
def authy(http: TestClient[web.Request, web.Application]) -> Caller:
    return Caller(http)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "simulator.json"
