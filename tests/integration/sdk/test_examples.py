"""The examples behind the real system: a person signs in, calls them directly and through the gateway, and signs out."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from countersign import Trust
from countersign.client import ClientSecret
from countersign.testing import bearer
from examples import aiohttp_service, fastapi_service
from tests.integration.sdk.conftest import Person
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system")]
NAME = "sdk-example"
RULE = """
[[route]]
prefix = "/{name}"
upstream = "http://127.0.0.1:{port}"
name = "{name}"
require = "aal2"
strip_prefix = true
"""


@asynccontextmanager
async def over_aiohttp(trust: Trust, port: int) -> AsyncIterator[None]:
    async with TestServer(aiohttp_service.make_app(trust), port=port, shutdown_timeout=0.01):
        yield


@asynccontextmanager
async def over_uvicorn(trust: Trust, port: int) -> AsyncIterator[None]:
    app = fastapi_service.make_app(trust)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="on"))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@pytest.fixture(params=[over_aiohttp, over_uvicorn], ids=["aiohttp", "fastapi"])
async def service(
    request: pytest.FixtureRequest, stack: Stack, service_client: ClientSecret, free_port: Callable[[], int]
) -> AsyncIterator[str]:
    """The example at a port of its own, and behind the gateway as /sdk-example."""
    port = free_port()
    policy = stack.data / "policy.toml"
    before = policy.read_text()
    policy.write_text(before + RULE.format(name=NAME, port=port))
    async with request.param(Trust(stack.url, name=NAME, client=service_client), port):
        yield f"http://127.0.0.1:{port}"
    policy.write_text(before)


async def ask(http: ClientSession, method: str, url: str, **headers: str) -> tuple[int, Any]:
    async with http.request(method, url, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def until(http: ClientSession, url: str, status: int, **headers: str) -> float:
    """How long it took until the address answered so."""
    begun = time.monotonic()
    async with asyncio.timeout(15):
        while (await ask(http, "GET", url, **headers))[0] != status:
            await asyncio.sleep(0.01)
    return time.monotonic() - begun


async def test_a_person_is_let_in_directly_and_through_the_gateway_and_out_everywhere(
    stack: Stack, http: ClientSession, person: Person, service: str
) -> None:
    grant = await person.signed_in()
    token = bearer(grant.access_token)
    behind = f"{stack.url}/{NAME}"
    assert (await ask(http, "GET", f"{service}/hello"))[0] == 401
    status, body = await ask(http, "GET", f"{service}/hello", **token)
    assert status == 200
    await until(http, f"{behind}/hello", 200, **token)
    assert (await ask(http, "GET", f"{behind}/hello", **token))[1] == body
    assert (await ask(http, "POST", f"{behind}/transfers", **token))[0] == 200
    assert (await ask(http, "GET", f"{service}/reports", **token))[0] == 403

    await person.api.sessions.end_current(grant.access_token)
    took = await until(http, f"{service}/hello", 401, **token)
    assert took < 1, f"an ended session was let in for {took:.2f} s more"
    assert (await ask(http, "GET", f"{behind}/hello", **token))[0] == 401


async def test_a_partial_token_and_a_forged_assertion_open_nothing(
    http: ClientSession, person: Person, service: str
) -> None:
    login = await person.register()
    assert (await ask(http, "GET", f"{service}/hello", **bearer(login.mfa_token)))[0] == 401
    forged = {"Countersign-Assertion": login.mfa_token, "Countersign-User": login.user_id}
    assert (await ask(http, "GET", f"{service}/hello", **forged))[0] == 401
