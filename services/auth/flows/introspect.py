"""A service asks what a token is worth right now (RFC 7662)."""

from dataclasses import dataclass, replace

from countersign.claims import AccessToken, ServiceToken
from services.auth.flows.read_service_token import ReadServiceToken
from services.auth.flows.read_token import LiveRefresh, ReadToken


@dataclass(frozen=True)
class Introspect:
    """Tokens of open sessions and of services that are not disabled are active; of all else nothing is said.

    A person's groups are those of this moment, whatever the token says.
    """

    read: ReadToken
    services: ReadServiceToken

    async def __call__(self, token: str) -> AccessToken | ServiceToken | LiveRefresh | None:
        access = await self.read.find_access(token)
        if access is not None:
            believed, session = access
            return replace(believed, groups=session.groups)
        return await self.services.find(token) or await self.read.find_refresh(token)
