"""A service proves who it is by the access token that it was given in its own name."""

from dataclasses import dataclass

from services.auth.flows.read_service_token import ReadServiceToken
from services.auth.model.errors import InvalidClient
from services.auth.model.events import Event, What
from services.auth.ports import Events


@dataclass(frozen=True)
class RecogniseService:
    """For where there is no form to bring a client assertion in."""

    services: ReadServiceToken
    events: Events

    async def __call__(self, text: str) -> str:
        """The client's id; raises `InvalidClient`, the same for every token that is not a live service's own."""
        token = await self.services.find(text)
        if token is None:
            self.events.note(Event(What.CLIENT_REFUSED, reason="no service's token"))
            raise InvalidClient
        return token.client_id
