"""What a service's own token is worth right now."""

from dataclasses import dataclass

from countersign.claims import ServiceToken
from countersign.errors import InvalidToken
from services.auth.ports import Reader
from services.auth.ports_of_clients import ServiceClients


@dataclass(frozen=True)
class ReadServiceToken:
    """Good for as long as it says, unless its service was disabled."""

    tokens: Reader[ServiceToken]
    clients: ServiceClients

    async def find(self, text: str) -> ServiceToken | None:
        """A service's token of ours."""
        try:
            token = await self.tokens.verify(text)
        except InvalidToken:
            return None
        client = await self.clients.by_id(token.client_id)
        return token if client and client.disabled_at is None else None
