"""The gateway in this process, between a stub auth, a stub twofactor, an upstream and a real Valkey."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, DummyCookieJar
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.front import open_front
from chassis.valkey import connect
from gateway.api import keys
from gateway.app import build_app
from gateway.model.tokens import Tokens
from gateway.model.visit import Visit
from gateway.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.gateway_auth import StubAuth
from tests.fakes.gateway_twofactor import StubTwofactor
from tests.fakes.gateway_upstream import StubUpstream

ISSUER = "http://gateway.test"
POLICY = """
[[route]]
prefix = "/app"
upstream = "{upstream}"
name = "app"
require = "aal2"

[[route]]
prefix = "/app/public"
upstream = "{upstream}"
name = "app-public"
require = "anonymous"

[[route]]
prefix = "/away"
upstream = "http://127.0.0.1:1"
name = "away"
require = "anonymous"
"""


@cache
def assertion_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@dataclass
class Stack:
    clock: FakeClock
    auth: StubAuth
    twofactor: StubTwofactor
    upstream: StubUpstream
    server: TestServer
    http: ClientSession

    @property
    def app(self) -> Any:
        return self.server.app

    def url(self, path: str) -> str:
        return str(self.server.make_url("/")).rstrip("/") + path

    def bearer(self, token: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {token or self.auth.access()}"}

    async def raw(self, *lines: str, body: bytes = b"") -> tuple[int, bytes]:
        """The answer to a request that no client library would send: its status and everything that came back."""
        reader, writer = await asyncio.open_connection(self.server.host, self.server.port)
        writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("utf-8", "surrogateescape") + body)
        try:
            async with asyncio.timeout(5):
                await writer.drain()
                answer = await reader.read(1_000_000)
        finally:
            writer.close()
        return int(answer.split(b" ", 2)[1]) if answer else 0, answer

    async def browser(self, *, life: float = 300) -> str:
        """The cookie of a browser that is signed in."""
        expires = self.clock() + timedelta(seconds=life)
        tokens = Tokens(self.auth.access(exp=int(expires.timestamp())), "r-1", int(life), expires)
        return await self.app[keys.BROWSER_SESSIONS].save(Visit(email="eve@example.com").with_session(tokens))


async def as_it_is_sent(app: Any) -> TestServer:
    """A server that unpacks no body, as `chassis.serving` serves."""
    server = TestServer(app)
    await server.start_server(auto_decompress=False)
    return server


@asynccontextmanager
async def gateway_stack(valkey_url: str, folder: Path, policy: str = POLICY, **settings: Any) -> AsyncIterator[Stack]:
    clock = FakeClock()
    redis = connect(valkey_url)
    auth, twofactor, upstream = StubAuth(clock, ISSUER), StubTwofactor(clock, redis), StubUpstream()
    async with (
        TestServer(auth.app()) as a,
        TestServer(twofactor.app()) as t,
        await as_it_is_sent(upstream.app()) as u,
    ):
        path = folder / "policy.toml"
        path.write_text(policy.format(upstream=str(u.make_url("/")).rstrip("/")))
        given = {
            "redis_url": valkey_url, "auth_url": str(a.make_url("/")), "twofactor_url": str(t.make_url("/")),
            "public_url": ISSUER, "assertion_key": assertion_key(), "policy_file": path, **settings,
        }  # fmt: skip
        async with await as_it_is_sent(build_app(Settings(**given), clock)) as server:
            open_front(server.app, server.runner.server)
            await server.app[keys.NEWS].connected.wait()
            async with ClientSession(cookie_jar=DummyCookieJar()) as http:
                yield Stack(clock, auth, twofactor, upstream, server, http)
    await redis.aclose()


@pytest.fixture
async def stack(valkey_url: str, tmp_path: Path) -> AsyncIterator[Stack]:
    async with gateway_stack(valkey_url, tmp_path) as running:
        yield running
