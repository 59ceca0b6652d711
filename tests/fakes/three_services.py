"""auth, twofactor and the gateway in one event loop, each as `app.py` builds it, on real stores and one clock.

async with three_services(postgres, valkey_url, folder) as house:
    partial = await house.sign_up("eve@example.com")           # over the gateway, with a phone
    tokens = await house.session("eve@example.com")
    await house.ask("auth", "GET", "/v1/sessions", headers=bearer(tokens["access_token"]))
"""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from aiohttp import ClientResponse, ClientSession, DummyCookieJar, web
from aiohttp.test_utils import TestServer

import gateway.app
import gateway.settings
import services.auth.app
import services.auth.settings
import services.twofactor.app
import services.twofactor.settings
from chassis.postgres import POOL
from services.twofactor.vendor import Vendor
from tests.fakes.auth_service import CHEAP, PASSWORD, SERVICE, TOKEN_EXCHANGE
from tests.fakes.clock import FakeClock
from tests.fakes.gateway_stack import assertion_key
from tests.fakes.gateway_upstream import StubUpstream
from tests.fakes.phone_numbers import new_number
from tests.fakes.provider import FakeCallbackReader, FakeProvider
from tests.fakes.twofactor_world import SETTINGS
from tools.devstack.free_port import free_port

ISSUER = "http://id.example.test"
KEY = base64.b64encode(bytes(32)).decode()
EXCHANGE = {"grant_type": TOKEN_EXCHANGE, "subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}
POLICY = """
[[route]]
prefix = "/app"
upstream = "{upstream}"
name = "app"
require = "aal2"
"""
Json = dict[str, Any]


@dataclass
class House:
    """`address` and `app` by the name of the process."""

    address: dict[str, str]
    app: dict[str, web.Application]
    http: ClientSession
    clock: FakeClock
    provider: FakeProvider
    upstream: StubUpstream
    numbers: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> asyncpg.Pool:
        """auth's."""
        return self.app["auth"][POOL]

    async def ask(self, process: str, method: str, path: str, **more: Any) -> tuple[int, Json]:
        """Status and document, `{}` where there is none."""
        answer = await self.http.request(method, self.address[process] + path, allow_redirects=False, **more)
        async with answer:
            return answer.status, await _document(answer)

    async def done(self, process: str, method: str, path: str, **more: Any) -> Json:
        """The document of an answer that must be a success."""
        status, document = await self.ask(process, method, path, **more)
        assert status < 300, (method, path, status, document)
        return document

    async def sign_up(self, email: str) -> str:
        """A new account with a phone; its user id."""
        self.numbers[email] = new_number()
        phone = {"country_code": "44", "number": self.numbers[email]}
        body = {"email": email, "password": PASSWORD, "phone": phone}
        return str((await self.done("gateway", "POST", "/v1/users", json=body))["user_id"])

    async def partial(self, email: str) -> str:
        """A new login."""
        body = {"email": email, "password": PASSWORD}
        return str((await self.done("gateway", "POST", "/v1/login", json=body))["mfa_token"])

    async def challenge(self, partial: str) -> str:
        """The id of a challenge that waits for a code of the phone's app."""
        sent = {"json": {"channel": "app"}, "headers": bearer(partial)}
        return str((await self.done("gateway", "POST", "/v1/mfa/challenges", **sent))["id"])

    async def approved(self, email: str) -> str:
        """A partial token whose login was confirmed with a code."""
        partial = await self.partial(email)
        path = f"/v1/mfa/challenges/{await self.challenge(partial)}/code"
        code = {"code": self.provider.app_token(self.account(self.numbers[email]))}
        await self.done("gateway", "POST", path, json=code, headers=bearer(partial))
        return partial

    def account(self, number: str) -> str:
        """What the vendor calls the owner of this phone."""
        return next(each for each, (_, known) in self.provider.phones.items() if known == number)

    async def session(self, email: str) -> Json:
        """The tokens of a new session."""
        form = {**EXCHANGE, "subject_token": await self.approved(email)}
        return await self.done("gateway", "POST", "/oauth2/token", data=form)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def _document(answer: ClientResponse) -> Json:
    # A stream that was answered well does not end: it is not read.
    if "json" not in answer.content_type:
        return {}
    found = json.loads(await answer.read() or b"{}")
    return found if isinstance(found, dict) else {}


@asynccontextmanager
async def three_services(postgres: Any, valkey_url: str, folder: Path, **of_gateway: Any) -> AsyncIterator[House]:
    clock, provider, upstream = FakeClock(), FakeProvider(), StubUpstream()
    ports = {name: free_port() for name in ("auth", "twofactor", "gateway")}
    address = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    async with AsyncExitStack() as running:
        behind = await running.enter_async_context(TestServer(upstream.app()))
        policy = folder / "policy.toml"
        policy.write_text(POLICY.format(upstream=str(behind.make_url("/")).rstrip("/")))
        apps = {
            "auth": _auth(postgres, valkey_url, address, clock),
            "twofactor": _twofactor(postgres, valkey_url, address, clock, Vendor(provider, FakeCallbackReader())),
            "gateway": _gateway(valkey_url, address, clock, {"policy_file": policy, **of_gateway}),
        }
        for name, app in apps.items():
            await running.enter_async_context(TestServer(app, port=ports[name]))
        http = await running.enter_async_context(ClientSession(cookie_jar=DummyCookieJar()))
        yield House(address, apps, http, clock, provider, upstream)


def _auth(postgres: Any, valkey_url: str, address: Mapping[str, str], clock: FakeClock) -> web.Application:
    given = {
        "public_url": ISSUER,
        "database_url": postgres.url("auth"),
        "redis_url": valkey_url,
        "twofactor_url": address["twofactor"],
        "key_encryption_key": KEY,
        "service_clients": ":".join(SERVICE),
        **CHEAP,
    }
    return services.auth.app.build_app(services.auth.settings.Settings(**given), clock)


def _twofactor(
    postgres: Any, valkey_url: str, address: Mapping[str, str], clock: FakeClock, vendor: Vendor
) -> web.Application:
    given = {
        **SETTINGS,
        "public_url": ISSUER,
        "database_url": postgres.url("twofactor"),
        "redis_url": valkey_url,
        "auth_url": address["auth"],
    }
    settings = services.twofactor.settings.Settings(**given)
    return services.twofactor.app.build_app(settings, make_vendor=lambda *_: vendor, clock=clock)


def _gateway(valkey_url: str, address: Mapping[str, str], clock: FakeClock, own: Mapping[str, Any]) -> web.Application:
    given = {
        "public_url": ISSUER,
        "redis_url": valkey_url,
        "auth_url": address["auth"],
        "twofactor_url": address["twofactor"],
        "assertion_key": assertion_key(),
        **own,
    }
    return gateway.app.build_app(gateway.settings.Settings(**given), clock)
