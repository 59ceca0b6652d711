"""Services that come to the token endpoint: with a secret, and with a key that signs client assertions.

service = await let_in(auth, scopes={"invoices:read"})
await service.ask(auth)                              # client_credentials by secret
await auth.ask_token(service.form(service.assertion(auth)))
"""

import json
from dataclasses import dataclass, field
from typing import Any

import jwt
from aiohttp import ClientResponse
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from services.auth.crypto.client_keys import parse_jwks
from services.auth.model.client import Secret, ServiceClient, digest_of
from services.auth.model.grant import GrantType
from services.auth.store.service_clients import PostgresServiceClients
from tests.fakes.auth_ids import new_id
from tests.fakes.auth_service import PUBLIC_URL, Auth, basic

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def new_client_id() -> str:
    return f"service-{new_id()[:13]}"


@dataclass
class Service:
    """A registered client and what it holds."""

    id: str
    secret: str
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def algorithm(self) -> str:
        return "EdDSA" if isinstance(self.key, ed25519.Ed25519PrivateKey) else "ES256"

    @property
    def jwk(self) -> dict[str, Any]:
        algorithm = OKPAlgorithm if self.algorithm == "EdDSA" else ECAlgorithm
        return {**json.loads(algorithm.to_jwk(self.key.public_key())), "kid": "one"}

    def claims(self, auth: Auth, **changes: Any) -> dict[str, Any]:
        now = int(auth.clock().timestamp())
        claims = {"iss": self.id, "sub": self.id, "aud": PUBLIC_URL, "jti": new_id(), "iat": now, "exp": now + 60}
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def assertion(self, auth: Auth, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        head = {"kid": "one", **(header or {})}
        payload = json.dumps(self.claims(auth, **changes)).encode()
        return jwt.api_jws.encode(payload, self.key, algorithm=self.algorithm, headers=head)

    def form(self, assertion: str, **more: str) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
            **more,
        }

    async def ask(self, auth: Auth, **more: str) -> ClientResponse:
        form = {"grant_type": "client_credentials", **more}
        return await auth.ask_token(form, headers=basic(self.id, self.secret))

    async def token(self, auth: Auth, **more: str) -> str:
        answer = await self.ask(auth, **more)
        body = await answer.json()
        assert answer.status == 200, body
        token: str = body["access_token"]
        return token


def register_of(auth: Auth) -> PostgresServiceClients:
    return PostgresServiceClients(auth.database, {})


async def let_in(
    auth: Auth,
    *,
    scopes: frozenset[str] = frozenset({"invoices:read", "invoices:write"}),
    grants: frozenset[GrantType] = frozenset({GrantType.CLIENT_CREDENTIALS}),
    key: Any = None,
) -> Service:
    service = Service(new_client_id(), f"css_{new_id()}", **({"key": key} if key else {}))
    keys = parse_jwks(json.dumps(service.jwk))
    client = ServiceClient(service.id, (Secret(digest_of(service.secret)),), keys, scopes, grants, auth.clock())
    await register_of(auth).add(client)
    return service
