"""A client proves who it is: by a secret, or by signing with a key that is registered for it."""

from dataclasses import dataclass

from chassis.clock import Clock
from services.auth.model.client import GATEWAY, GATEWAY_CLIENT, NOBODY, ServiceClient
from services.auth.model.credentials import Credentials, Named, WithAssertion, WithSecret
from services.auth.model.errors import InvalidClient
from services.auth.model.events import Event, What
from services.auth.ports import Events
from services.auth.ports_of_clients import ClientAssertions, ServiceClients, SpentAssertions


@dataclass(frozen=True)
class Authenticate:
    """An unknown client, a wrong proof and a disabled client are one refusal, after the same work."""

    clients: ServiceClients
    assertions: ClientAssertions
    spent: SpentAssertions
    events: Events
    clock: Clock

    async def require_known(self, credentials: Credentials | None) -> ServiceClient:
        """The gateway needs no proof and is meant when nobody is named; any other name has to be proved."""
        if credentials is None or credentials == Named(GATEWAY):
            return GATEWAY_CLIENT
        return await self.require_service(credentials)

    async def require_service(self, credentials: Credentials | None) -> ServiceClient:
        """A client that proved who it is; raises `InvalidClient`."""
        try:
            match credentials:
                case WithSecret():
                    return await self._by_secret(credentials)
                case WithAssertion():
                    return await self._by_assertion(credentials)
                case Named() | None:
                    return _require_enabled(None, "no proof")
        except InvalidClient as refused:
            self.events.note(Event(What.CLIENT_REFUSED, reason=str(refused)))
            raise

    async def _by_secret(self, credentials: WithSecret) -> ServiceClient:
        client = await self.clients.by_id(credentials.client_id)
        is_theirs = (client or NOBODY).has_secret(credentials.secret, self.clock())
        return _require_enabled(client if is_theirs else None, "wrong secret" if client else "unknown")

    async def _by_assertion(self, credentials: WithAssertion) -> ServiceClient:
        name = self.assertions.issuer(credentials.text)
        if credentials.client_id not in {None, name}:
            raise InvalidClient("another client")
        client = await self.clients.by_id(name)
        assertion = self.assertions.require(credentials.text, client or NOBODY)
        found = _require_enabled(client, "unknown")
        # After the signature: otherwise anybody could use up the assertion of another.
        if not await self.spent.spend(found.id, assertion, self.clock()):
            raise InvalidClient("replayed")
        return found


def _require_enabled(client: ServiceClient | None, reason: str) -> ServiceClient:
    if client is None:
        raise InvalidClient(reason)
    if client.disabled_at is not None:
        raise InvalidClient("disabled")
    return client
