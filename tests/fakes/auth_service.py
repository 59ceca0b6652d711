"""services.auth as a running server, and services.twofactor as nothing but a key that signs receipts.

auth = await serve_auth(aiohttp_client, postgres, valkey_url)
person = await auth.register()                      # a partial login
tokens = await auth.exchange(person)                # {"access_token", "refresh_token", ...}
auth.clock.advance(minutes=6)
"""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import jwt
from aiohttp import ClientResponse, encode_basic_auth, web
from aiohttp.test_utils import TestClient, TestServer

from chassis.keyring import Algorithm, KeyRing, new_key
from chassis.postgres import POOL
from services.auth.app import build_app
from services.auth.settings import Settings
from tests.fakes.auth_ids import new_email, new_id
from tests.fakes.clock import FakeClock

PUBLIC_URL = "https://id.example.test"
PASSWORD = "wooden-lantern-9-kites"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt"
SERVICE = ("reports", "a-long-service-secret")
PUSH = ("pwd", "swk", "mca", "mfa")
KEY = base64.b64encode(bytes(32)).decode()
CHEAP = {"argon2_memory_kib": 64, "argon2_passes": 1, "hash_workers": 2}


@dataclass(frozen=True)
class Person:
    """Somebody whose password was right."""

    email: str
    mfa_token: str
    user_id: str

    @property
    def claims(self) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(self.mfa_token, options={"verify_signature": False})
        return claims


@dataclass
class FakeTwofactor:
    """Signs receipts; its keys are read by auth over HTTP."""

    clock: FakeClock
    algorithm: Algorithm = "ES256"
    ring: KeyRing = field(init=False)

    def __post_init__(self) -> None:
        self.ring = KeyRing(self.clock, [new_key("twofactor-1", self.clock(), self.algorithm)], self.algorithm)

    def app(self) -> web.Application:
        app = web.Application()

        async def jwks(_request: web.Request) -> web.Response:
            return web.json_response(self.ring.jwks())

        app.router.add_get("/.well-known/jwks.json", jwks)
        return app

    def claims(self, person: Person, **changes: Any) -> dict[str, Any]:
        """What a receipt for this login says; `name=None` leaves a claim out."""
        now = int(self.clock().timestamp())
        claims = {
            "iss": f"{PUBLIC_URL}/approvals",
            "aud": PUBLIC_URL,
            "sub": person.user_id,
            "txn": person.claims["txn"],
            "pjti": person.claims["jti"],
            "jti": new_id(),
            "iat": now,
            "exp": now + 60,
            "amr": list(PUSH),
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def receipt(self, person: Person, *, typ: str = "approval+jwt", **changes: Any) -> str:
        return self.ring.sign(typ, self.claims(person, **changes))


@dataclass
class Auth:
    """The service, its clients and its clock."""

    app: web.Application
    http: "TestClient[web.Request, web.Application]"
    clock: FakeClock
    twofactor: FakeTwofactor
    database: asyncpg.Pool

    async def register(self, email: str | None = None, password: str = PASSWORD) -> Person:
        chosen = email or new_email()
        answer = await self.http.post("/v1/users", json={"email": chosen, "password": password})
        body = await answer.json()
        assert answer.status == 201, body
        return Person(chosen, body["mfa_token"], body["user_id"])

    async def login(self, email: str, password: str = PASSWORD, **options: Any) -> ClientResponse:
        return await self.http.post("/v1/login", json={"email": email, "password": password}, **options)

    async def sign_in(self, email: str) -> Person:
        answer = await self.login(email)
        body = await answer.json()
        assert answer.status == 200, body
        return Person(email, body["mfa_token"], body["user_id"])

    async def ask_token(self, form: Mapping[str, str], **options: Any) -> ClientResponse:
        return await self.http.post("/oauth2/token", data=dict(form), **options)

    def exchange_form(self, person: Person, **changes: str) -> dict[str, str]:
        form = {
            "grant_type": TOKEN_EXCHANGE,
            "subject_token": person.mfa_token,
            "subject_token_type": JWT_TYPE,
            "receipt": self.twofactor.receipt(person),
            **changes,
        }
        return {name: value for name, value in form.items() if value}

    async def exchange(self, person: Person, **changes: str) -> dict[str, Any]:
        answer = await self.ask_token(self.exchange_form(person, **changes))
        body: dict[str, Any] = await answer.json()
        assert answer.status == 200, body
        return body

    async def refresh(self, token: str, **more: str) -> ClientResponse:
        return await self.ask_token({"grant_type": "refresh_token", "refresh_token": token, **more})

    async def session(self) -> dict[str, Any]:
        """A new person, signed in."""
        return await self.exchange(await self.register())

    async def introspect(self, token: str) -> dict[str, Any]:
        answer = await self.http.post("/oauth2/introspect", data={"token": token}, headers=basic(*SERVICE))
        body: dict[str, Any] = await answer.json()
        assert answer.status == 200, body
        return body

    async def count(self, table: str) -> int:
        counted: int = await self.database.fetchval(f"SELECT count(*) FROM {table}")
        return counted


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": encode_basic_auth(name, secret)}


def settings_for(postgres: Any, valkey_url: str, **changes: Any) -> Settings:
    values = {
        "public_url": PUBLIC_URL,
        "database_url": postgres.url("auth"),
        "redis_url": valkey_url,
        "twofactor_url": "http://127.0.0.1:9",
        "key_encryption_key": KEY,
        "service_clients": ":".join(SERVICE),
        **CHEAP,
        **changes,
    }
    return Settings(**values)


@asynccontextmanager
async def no_keys(postgres: Any) -> AsyncIterator[None]:
    """Keys are sealed with the key of the suite that made them: no other suite must find them, nor we those of others."""
    owner = await asyncpg.connect(postgres.owner_url("auth"))
    await owner.execute("DELETE FROM signing_keys")
    try:
        yield
    finally:
        await owner.execute("DELETE FROM signing_keys")
        await owner.close()


async def serve_auth(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str, *, clock: Any = None, **changes: Any
) -> Auth:
    """A started service on the real stores; the database pool is the test's own view of it."""
    clock = clock or FakeClock()
    algorithm = changes.get("receipt_algorithm") or changes.get("token_algorithm", "ES256")
    twofactor = FakeTwofactor(clock, algorithm)
    twofactor_server: TestServer[Any] = await aiohttp_server(twofactor.app())
    url = str(twofactor_server.make_url("")).rstrip("/")
    settings = settings_for(postgres, valkey_url, **{"twofactor_url": url, **changes})
    app = build_app(settings, clock)
    http = await aiohttp_client(app)
    return Auth(app, http, clock, twofactor, app[POOL])
