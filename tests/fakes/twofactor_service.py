"""twofactor as a real HTTP service over real stores, with auth's keys and the person's phone in the test's hand.

from tests.fakes.twofactor_service import running_service_fixture  # noqa: F401  the fixture

async def test_something(running_service):
    service = await running_service()
    token = service.partial()
"""

import base64
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import redis.asyncio
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from chassis.keyring import Algorithm, KeyRing, new_key
from chassis.postgres import POOL
from services.twofactor.app import BACKGROUND, build_app
from services.twofactor.settings import Settings
from services.twofactor.vendor import Vendor, authy
from services.twofactor.wiring import READ_AT_END
from tests.fakes.clock import FakeClock
from tests.fakes.provider import FakeCallbackReader, FakeProvider, fake_callback
from tests.fakes.twofactor_kinds import App
from tests.fakes.twofactor_world import NUMBER, SETTINGS
from tools.devstack.engines import Postgres

PHONE = {"phone": {"country_code": "44", "number": "07700 900123"}}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def random_id() -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


class Auth:
    """The issuer of partial and access tokens, and its published keys."""

    def __init__(self, clock: FakeClock, algorithm: Algorithm = "ES256") -> None:
        self.clock = clock
        self.ring = KeyRing(clock, [new_key("auth-1", clock(), algorithm)], algorithm)

    async def serve(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/.well-known/jwks.json", self._keys)
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        return server

    async def _keys(self, _request: web.Request) -> web.Response:
        return web.json_response(self.ring.jwks())

    def partial_claims(self, user: str | None = None, **claims: Any) -> dict[str, Any]:
        now = int(self.clock().timestamp())
        usual = {
            "iss": SETTINGS["public_url"],
            "aud": "countersign/mfa",
            "sub": user or random_id(),
            "jti": random_id(),
            "txn": random_id(),
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "acr": "aal1",
            "amr": ["pwd"],
            "email": "eve@example.com",
        }
        return {**usual, **claims}

    def access_claims(self, user: str | None = None, **claims: Any) -> dict[str, Any]:
        now = int(self.clock().timestamp())
        usual = {
            "iss": SETTINGS["public_url"],
            "aud": "countersign",
            "sub": user or random_id(),
            "client_id": "gateway",
            "jti": random_id(),
            "sid": random_id(),
            "scope": "",
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "acr": "aal2",
            "amr": ["pwd", "swk", "mca", "mfa"],
        }
        return {**usual, **claims}


class Service:
    """The running service and everything around it."""

    def __init__(self, client: TestClient[Any, Any], auth: Auth, clock: FakeClock, provider: FakeProvider) -> None:
        self.client, self.auth, self.clock, self.provider = client, auth, clock, provider
        self.tokens: dict[str, str] = {}
        self.headers: dict[str, str] = {"User-Agent": BROWSER, "X-Forwarded-For": "203.0.113.7"}

    def partial(self, user: str | None = None, **claims: Any) -> str:
        return self.auth.ring.sign("mfa+jwt", self.auth.partial_claims(user, **claims))

    def access(self, user: str | None = None, **claims: Any) -> str:
        return self.auth.ring.sign("at+jwt", self.auth.access_claims(user, **claims))

    async def ask(self, method: str, path: str, token: str | None = None, **options: Any) -> ClientResponse:
        headers = {**self.headers, **options.pop("headers", {})}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        answer = await self.client.request(method, path, headers=headers, allow_redirects=False, **options)
        await answer.read()
        return answer

    async def enrolled(self, user: str | None = None) -> str:
        """A person with a phone, in a new login."""
        token = self.partial(user)
        answer = await self.ask("POST", "/v1/mfa/factors", token, json=PHONE)
        assert answer.status == 201, await answer.text()
        return token

    async def enrolled_app(self, user: str | None = None) -> tuple[str, App]:
        """A person with an authenticator app, in the login that it was enrolled in."""
        token = self.partial(user)
        answer = await self.ask("POST", "/v1/mfa/factors", token, json={"totp": {}})
        assert answer.status == 202, await answer.text()
        begun = await answer.json()
        app = App(base64.b32decode(begun["secret"]), self.clock)
        path = f"/v1/mfa/factors/{begun['id']}/confirmation"
        answer = await self.ask("POST", path, token, json={"code": app.code()})
        assert answer.status == 201, await answer.text()
        self.clock.advance(seconds=30)
        return token, app

    async def opened(self, token: str, channel: str = "push") -> dict[str, Any]:
        answer = await self.ask("POST", "/v1/mfa/challenges", token, json={"channel": channel})
        assert answer.status == 201, await answer.text()
        opened = dict(await answer.json())
        self.tokens[opened["id"]] = token
        return opened

    async def type_number(self, challenge: dict[str, Any]) -> None:
        """What the push says is to be typed, is typed where the login began; whatever comes of it."""
        details = self.provider.pushes[self.reference(challenge)].request.details
        if NUMBER in details:
            path = f"/v1/mfa/challenges/{challenge['id']}/code"
            await self.ask("POST", path, self.tokens[challenge["id"]], json={"code": details[NUMBER]})

    async def shown(self, token: str, challenge: dict[str, Any]) -> dict[str, Any]:
        answer = await self.ask("GET", f"/v1/mfa/challenges/{challenge['id']}", token)
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())

    async def press(self, button: str, challenge: dict[str, Any], *, proof: str = "once") -> ClientResponse:
        """The person presses Approve or Deny, and the vendor calls back; who approves has typed the number before."""
        reference = self.reference(challenge)
        if button == "approve":
            await self.type_number(challenge)
        getattr(self.provider, button)(reference)
        return await self.call_back(reference, proof=proof)

    async def call_back(self, reference: str, *, proof: str = "once") -> ClientResponse:
        headers, body = fake_callback(self.provider.answer_of(reference), proof=proof)
        return await self.ask("POST", "/callbacks/authy", headers=headers, data=body)

    def reference(self, challenge: dict[str, Any]) -> str:
        pushes = self.provider.pushes.items()
        return next(ref for ref, push in pushes if push.request.hidden_details["challenge"] == challenge["id"])

    async def receipt(self, token: str) -> ClientResponse:
        return await self.ask("POST", "/v1/mfa/receipts", token)

    async def read_backs(self) -> None:
        """Waits for what goes on beside the answers."""
        await self.client.server.app[BACKGROUND].settle()  # type: ignore[attr-defined]

    async def look_at_ends(self) -> None:
        """What this service does by itself every second, once."""
        await self.client.server.app[READ_AT_END]()  # type: ignore[attr-defined]

    async def said_not_me(self) -> set[str]:
        """The challenges by which somebody said so."""
        rows = await self.client.server.app[POOL].fetch("SELECT id FROM disavowals")  # type: ignore[attr-defined]
        return {str(row["id"]) for row in rows}

    async def states(self) -> list[str]:
        return list(self.provider.calls)


Start = Callable[..., Awaitable[Service]]


@pytest.fixture(name="running_service")
async def running_service_fixture(postgres: Postgres, valkey_url: str) -> AsyncIterator[Start]:
    """Answers `start(**settings)`; `redis_url=` or `database_url=` point it elsewhere."""
    connection = await asyncpg.connect(postgres.owner_url("twofactor"))
    await connection.execute("TRUNCATE factors, issued_receipts CASCADE")
    await connection.close()
    async with running_services(postgres, valkey_url) as start:
        yield start


@asynccontextmanager
async def running_services(postgres: Postgres, valkey_url: str) -> AsyncIterator[Start]:
    """The same on stores as they are."""
    started: list[Callable[[], Awaitable[None]]] = []

    async def start(
        *,
        reader: Any = None,
        clock: FakeClock | None = None,
        over_the_wire: bool = False,
        port: int = 0,
        **settings: Any,
    ) -> Service:
        clock, provider = clock or FakeClock(), FakeProvider()
        auth = Auth(clock, settings.get("token_algorithm", "ES256"))
        issuer = await auth.serve()
        started.append(issuer.close)
        stores = {"database_url": postgres.url("twofactor"), "redis_url": valkey_url}
        given = {**SETTINGS, **stores, "auth_url": str(issuer.make_url("")), **settings}
        vendor = Vendor(provider, reader(clock) if reader else FakeCallbackReader())
        make_vendor = authy if over_the_wire else lambda *_: vendor
        app = build_app(Settings(**given), make_vendor=make_vendor, clock=clock)
        client = TestClient(TestServer(app, host="127.0.0.1", port=port or None))
        await client.start_server()
        started.append(client.close)
        return Service(client, auth, clock, provider)

    yield start
    for stop in reversed(started):
        await stop()


@pytest.fixture(name="valkey")
async def valkey_fixture(valkey_url: str) -> AsyncIterator[redis.asyncio.Redis]:
    """A client on the empty Valkey."""
    client = redis.asyncio.Redis.from_url(valkey_url)
    yield client
    await client.aclose()
