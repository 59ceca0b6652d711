"""A service asks what a token is worth right now (RFC 7662)."""

from dataclasses import dataclass

from countersign.claims import AccessToken
from services.auth.flows.read_service_token import ReadServiceToken
from services.auth.flows.read_token import LiveRefresh, ReadToken
from services.auth.model.service_token import ServiceToken


@dataclass(frozen=True)
class Introspect:
    """Tokens of open sessions and of services that are not disabled are active; of all else nothing is said."""

    read: ReadToken
    services: ReadServiceToken

    async def __call__(self, token: str) -> AccessToken | ServiceToken | LiveRefresh | None:
        access = await self.read.find_access(token)
        if access is not None:
            return access[0]
        return await self.services.find(token) or await self.read.find_refresh(token)
