"""Service clients, in table `service_clients`, and beside it those of the setting SERVICE_CLIENTS."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from services.auth.model.client import JsonWebKey, Secret, ServiceClient, digest_of
from services.auth.model.grant import GrantType
from services.auth.model.registration import Unregistrable

_COLUMNS = """
client_id, secret_digest, old_secret_digest, old_secret_until, jwks, scopes, grants, created_at, disabled_at
"""


class PostgresServiceClients:
    """Implements `ServiceClients` and `ClientRegister`. `configured`: secrets by client id, from the setting."""

    def __init__(self, pool: asyncpg.Pool, configured: Mapping[str, str]) -> None:
        self.pool = pool
        self.configured = {name: _configured(name, secret) for name, secret in configured.items()}

    _BY_ID = f"SELECT {_COLUMNS} FROM service_clients WHERE client_id = $1"  # noqa: S608 put together from constants

    async def by_id(self, client_id: str) -> ServiceClient | None:
        if "\0" in client_id or not client_id.isprintable():
            return None
        row = await self.pool.fetchrow(self._BY_ID, client_id)
        # The row decides, also against it: a client is moved out of the setting, or shut out, without a restart.
        return _client(row) if row else self.configured.get(client_id)

    _ALL = f"SELECT {_COLUMNS} FROM service_clients ORDER BY client_id"  # noqa: S608 put together from constants

    async def all(self) -> Sequence[ServiceClient]:
        rows = [_client(row) for row in await self.pool.fetch(self._ALL)]
        named = {client.id for client in rows}
        return [*rows, *(client for name, client in self.configured.items() if name not in named)]

    _ADD = """
    INSERT INTO service_clients (client_id, secret_digest, jwks, scopes, grants, created_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING client_id
    """

    async def add(self, client: ServiceClient) -> None:
        digest = client.secrets[0].digest if client.secrets else None
        added = await self.pool.fetchval(
            self._ADD, client.id, digest, json.dumps([*client.keys]), sorted(client.scopes), sorted(client.grants),
            client.created_at,
        )  # fmt: skip
        if added is None:
            raise Unregistrable(f"there is a client {client.id} already")

    _ROTATE = """
    UPDATE service_clients SET secret_digest = $2, old_secret_digest = secret_digest, old_secret_until = $3
    WHERE client_id = $1 RETURNING client_id
    """

    async def replace_secret(self, client_id: str, digest: bytes, old_until: datetime) -> None:
        _require_one(client_id, await self.pool.fetchval(self._ROTATE, client_id, digest, old_until))

    _REPLACE_KEYS = "UPDATE service_clients SET jwks = $2 WHERE client_id = $1 RETURNING client_id"

    async def replace_keys(self, client_id: str, keys: Sequence[JsonWebKey]) -> None:
        _require_one(client_id, await self.pool.fetchval(self._REPLACE_KEYS, client_id, json.dumps([*keys])))

    _DISABLE = """
    UPDATE service_clients SET disabled_at = coalesce(disabled_at, $2) WHERE client_id = $1 RETURNING client_id
    """

    async def disable(self, client_id: str, now: datetime) -> None:
        _require_one(client_id, await self.pool.fetchval(self._DISABLE, client_id, now))


def _require_one(client_id: str, found: str | None) -> None:
    if found is None:
        raise Unregistrable(f"there is no client {client_id} in the table (one of SERVICE_CLIENTS is changed there)")


def _configured(name: str, secret: str) -> ServiceClient:
    # It says who it is and no more: it has no scopes in its own name.
    return ServiceClient(name, (Secret(digest_of(secret)),), grants=frozenset(GrantType))


def _client(row: Any) -> ServiceClient:
    secrets = [
        Secret(row["secret_digest"]) if row["secret_digest"] else None,
        Secret(row["old_secret_digest"], row["old_secret_until"]) if row["old_secret_digest"] else None,
    ]
    known = {grant.value: grant for grant in GrantType}
    return ServiceClient(
        id=row["client_id"],
        secrets=tuple(secret for secret in secrets if secret),
        keys=tuple(json.loads(row["jwks"])),
        scopes=frozenset(row["scopes"]),
        grants=frozenset(known[grant] for grant in row["grants"] if grant in known),
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
    )
