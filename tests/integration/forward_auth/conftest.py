"""Each proxy in front of a service that shows what reached it, and a gateway that the proxies may ask."""

import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession, DummyCookieJar, TCPConnector

from tests.integration.forward_auth.asking import Asking
from tests.integration.forward_auth.certificate import Certificate, certificate_for
from tests.integration.forward_auth.fronts import HOST, STARTS, Behind, Front, fronted
from tests.security.system.attacker import Victim
from tools.devstack.stack import Stack

HERE = Path(__file__).parent
POLICY = f"""
[[route]]
host = "{HOST}"
prefix = "/"
name = "app"
require = "aal2"

[[route]]
host = "{HOST}"
prefix = "/public"
name = "app"
require = "anonymous"

[[route]]
host = "{HOST}"
prefix = "/read"
name = "app"
require = "anonymous"
methods = ["GET"]

[[route]]
host = "{HOST}"
prefix = "/vault"
name = "app"
require = "aal2"
max_age = 2

[[route]]
host = "{HOST}"
prefix = "/services"
name = "app"
require = "client"
clients = ["billing"]
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def gateway(stack: Stack, tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]) -> str:
    """Host and port of a gateway that the proxies of this machine may ask; the stack ends it."""
    port, policy = free_port(), tmp_path_factory.mktemp("policy") / "policy.toml"
    policy.write_text(POLICY)
    stack.environments["gateway-asked"] = {
        **stack.environments["gateway"],
        "COUNTERSIGN_PORT": str(port),
        "COUNTERSIGN_METRICS_PORT": "0",
        "COUNTERSIGN_POLICY_FILE": str(policy),
        "COUNTERSIGN_FORWARD_AUTH_PROXIES": "127.0.0.1/32",
        "COUNTERSIGN_TRUSTED_PROXIES": "127.0.0.1/32",
    }
    stack.start("gateway-asked", "gateway")
    stack.wait_until_ready("gateway-asked", f"http://127.0.0.1:{port}/readyz")
    return f"127.0.0.1:{port}"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_for(HOST, tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session", params=sorted(STARTS))
def front(
    request: pytest.FixtureRequest,
    stack: Stack,
    gateway: str,
    certificate: Certificate,
    tmp_path_factory: pytest.TempPathFactory,
    free_port: Callable[[], int],
) -> Iterator[Front]:
    """Each of the three in turn."""
    folder, behind = tmp_path_factory.mktemp(request.param), Behind(gateway, f"127.0.0.1:{stack.ports.upstream}")
    with fronted(request.param, folder, free_port(), behind, certificate) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def asking(front: Front) -> Asking:
    """Requests that go through the proxy, each exactly as written."""
    return Asking(front, ssl._create_unverified_context())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def token(stack: Stack) -> AsyncIterator[str]:
    """An access token of somebody who has confirmed."""
    async with ClientSession(connector=TCPConnector(limit=0), cookie_jar=DummyCookieJar()) as http:
        victim = await Victim.of(stack, http)
        yield str((await victim.session())["access_token"])
