"""An operator lets a service in, gives it another secret or other keys, and shuts it out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from services.auth.model.client import JsonWebKey, Secret, ServiceClient, digest_of
from services.auth.model.events import Event, What
from services.auth.model.grant import GrantType
from services.auth.model.registration import require_registrable
from services.auth.ports import Events
from services.auth.ports_of_clients import ClientRegister


@dataclass(frozen=True)
class Wanted:
    """A client to be made. With `keys` it proves who it is by `private_key_jwt` and gets no secret."""

    id: str
    scopes: frozenset[str]
    grants: frozenset[GrantType]
    keys: tuple[JsonWebKey, ...] = ()


@dataclass(frozen=True)
class ManageClients:
    """Secrets are answered once and kept as digests only. Every call may raise `Unregistrable`."""

    register: ClientRegister
    session_scopes: frozenset[str]
    new_secret: Callable[[], str]
    events: Events
    clock: Clock

    async def all(self) -> Sequence[ServiceClient]:
        """Every client."""
        return await self.register.all()

    async def create(self, wanted: Wanted) -> str | None:
        """Its secret, if it has one."""
        secret = None if wanted.keys else self.new_secret()
        secrets = (Secret(digest_of(secret)),) if secret else ()
        client = ServiceClient(wanted.id, secrets, wanted.keys, wanted.scopes, wanted.grants, self.clock())
        require_registrable(client, self.session_scopes)
        async with self.events.together():
            await self.register.add(client)
            await self.events.record(Event(What.CLIENT_CREATED, client=client.id))
        return secret

    async def rotate_secret(self, client_id: str, overlap: timedelta) -> str:
        """A new secret; the old one is good for `overlap` yet."""
        secret = self.new_secret()
        async with self.events.together():
            await self.register.replace_secret(client_id, digest_of(secret), self.clock() + overlap)
            await self.events.record(Event(What.CLIENT_ROTATED, client=client_id))
        return secret

    async def replace_keys(self, client_id: str, keys: Sequence[JsonWebKey]) -> None:
        """Other public keys in place of all; while both are to be good, give both."""
        async with self.events.together():
            await self.register.replace_keys(client_id, keys)
            await self.events.record(Event(What.CLIENT_ROTATED, client=client_id))

    async def disable(self, client_id: str) -> None:
        """From now on it is refused, and its tokens are inactive to whoever introspects them."""
        async with self.events.together():
            await self.register.disable(client_id, self.clock())
            await self.events.record(Event(What.CLIENT_DISABLED, client=client_id))
