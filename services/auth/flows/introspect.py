"""A service asks what a token is worth right now (RFC 7662)."""

from dataclasses import dataclass

from countersign.claims import AccessToken
from services.auth.flows.read_token import LiveRefresh, ReadToken


@dataclass(frozen=True)
class Introspect:
    """Access and refresh tokens of open sessions are active; of all else nothing is said (section 2.2)."""

    read: ReadToken

    async def __call__(self, token: str) -> AccessToken | LiveRefresh | None:
        access = await self.read.find_access(token)
        return access[0] if access else await self.read.find_refresh(token)
