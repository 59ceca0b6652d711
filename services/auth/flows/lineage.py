"""Refresh tokens in their family: found, judged, and the newest replaced."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from services.auth.model.errors import InvalidGrant
from services.auth.model.family import Family, Presented, Rotate, Verdict, judge
from services.auth.model.grant import RefreshRequest
from services.auth.model.session import Session
from services.auth.ports import Families, RefreshTokens


@dataclass(frozen=True)
class Lineage:
    """`idle`: how long a family lives that nobody refreshes."""

    families: Families
    tokens: RefreshTokens
    idle: timedelta
    clock: Clock

    async def require(self, request: RefreshRequest) -> tuple[Presented, Family, Session]:
        """What a token stands for; raises `InvalidGrant` if it is not ours, or not this client's."""
        presented = self.tokens.read(request.refresh_token)
        found = await self.families.by_id(presented.family) if presented else None
        if presented is None or found is None or found[1].client_id != request.client_id:
            raise InvalidGrant
        return presented, *found

    async def advance(self, family: Family, presented: Presented) -> Verdict:
        """The verdict on the token; after `Rotate` its child is the newest."""
        now = self.clock()
        verdict = judge(family, presented, now)
        if not isinstance(verdict, Rotate):
            return verdict
        if await self.families.replace(family, family.rotated(presented.child, now, self.idle)):
            return verdict
        # Another request was faster, or the session ended: what this one means is judged anew.
        found = await self.families.by_id(family.id)
        if found is None:
            raise InvalidGrant
        return await self.advance(found[0], presented)
