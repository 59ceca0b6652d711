"""What the flows ask of the world about service clients."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.auth.model.client import JsonWebKey, ServiceClient
from services.auth.model.credentials import Assertion


class ServiceClients(Protocol):
    """Services that may come to the token endpoint."""

    async def by_id(self, client_id: str) -> ServiceClient | None:
        """The client by that id, disabled or not."""


class ClientRegister(Protocol):
    """The operator's side of it; raises `Unregistrable` where there is no such client, or already one."""

    async def all(self) -> Sequence[ServiceClient]:
        """Every client, disabled or not, by id."""

    async def add(self, client: ServiceClient) -> None:
        """Keeps a new client."""

    async def replace_secret(self, client_id: str, digest: bytes, old_until: datetime) -> None:
        """A new secret; the old one goes on until then."""

    async def replace_keys(self, client_id: str, keys: Sequence[JsonWebKey]) -> None:
        """New public keys, in place of all old ones."""

    async def disable(self, client_id: str, now: datetime) -> None:
        """For good."""


class ClientAssertions(Protocol):
    """Reads JWTs by which clients prove who they are (RFC 7523 section 2.2); raises `InvalidClient`."""

    def issuer(self, text: str) -> str:
        """Who it claims to be from: not yet believed."""

    def require(self, text: str, client: ServiceClient) -> Assertion:
        """What this client signed for us just now."""


class SpentAssertions(Protocol):
    """Client assertions that were used."""

    async def spend(self, client_id: str, assertion: Assertion, now: datetime) -> bool:
        """False if it was spent before."""
