"""What every suite may ask for: real PostgreSQL and Valkey, migrated, one pair per test process."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.fakes.databases import migrated_postgres
from tests.fakes.secret_scan import require_clean_postgres
from tests.fakes.whole_system import whole_system
from tools.devstack.engines import Postgres, start_valkey
from tools.devstack.free_port import free_port as a_free_port
from tools.devstack.stack import Stack

pytest_plugins = ["tests.fakes.captured_logs", "tests.order", "tests.browser.chromium"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server with both schemas migrated: `.url("auth")` for the runtime role, `.owner_url("auth")` for its owner."""
    with migrated_postgres() as server:
        yield server
        require_clean_postgres(server)


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="cs-vk-", ignore_cleanup_errors=True) as folder:
        server = start_valkey(Path(folder), durable=False)
        yield f"redis://127.0.0.1:{server.port}/0"
        server.stop()


@pytest.fixture
def valkey_url(valkey_server: str) -> str:
    """An empty Valkey."""
    with redis.Redis.from_url(valkey_server) as client:
        client.flushall()
    return valkey_server


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole system as processes, as `make up` starts it: `.url`, `.simulator_url`."""
    with whole_system() as stack:
        yield stack


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Answers a port of 127.0.0.1 that nobody listens on."""
    return a_free_port
