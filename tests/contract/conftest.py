"""Authy's stand-ins, and the adapter in front of each."""

from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from services.twofactor.providers.authy import Authy
from tests.contract.authy_wire import MOCKED, MockedAuthy, RecordingAuthy, mocked_authy
from tests.fakes.clock import FakeClock

AUTHY_KEY = "secret-api-key-of-nobody"


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def recording() -> RecordingAuthy:
    return RecordingAuthy()


@pytest.fixture
async def authy(recording: RecordingAuthy, session: ClientSession, clock: FakeClock) -> AsyncIterator[Authy]:
    """The adapter, talking to `recording` over a socket."""
    app = web.Application(client_max_size=1024 * 1024)
    app.router.add_route("*", "/{path:.*}", recording.handle)
    async with TestServer(app) as server:
        url = str(server.make_url("/"))
        yield Authy.over(session, base_url=url, api_key=AUTHY_KEY, clock=clock, jitter=lambda: 0.0, budget=5.0)


@pytest.fixture
def answers() -> Iterator[MockedAuthy]:
    yield from mocked_authy()


@pytest.fixture
async def mocked(answers: MockedAuthy, session: ClientSession, clock: FakeClock) -> Authy:
    """The adapter, answered by `answers` without a socket."""
    return Authy.over(session, base_url=MOCKED, api_key=AUTHY_KEY, clock=clock, jitter=lambda: 0.0, budget=5.0)
