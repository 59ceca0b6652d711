"""A connection that stays open must not outlive the session that opened it."""

from dataclasses import dataclass

from chassis.clock import Clock
from gateway.flows.authorize import Authorize
from gateway.model.decision import Approach, Forward
from gateway.model.errors import Refusal
from gateway.model.identity import Identity
from gateway.ports import EndedSessions

# What nobody announces (a rule that changed, a fallback in force) is seen within this time.
LOOK_AGAIN = 60.0
# Looked at before the token ends, so that a browser's can be refreshed in time.
BEFORE_END = 15.0


@dataclass(frozen=True)
class Stay:
    """Waits beside an open connection."""

    authorize: Authorize
    ended: EndedSessions
    clock: Clock

    async def __call__(self, approach: Approach, identity: Identity | None) -> None:
        """Returns when the session ends, or the request would not be let in any more; keeps a browser's alive."""
        while identity is not None:
            left = (identity.expires_at - self.clock()).total_seconds()
            await self.ended.wait(identity.session, min(LOOK_AGAIN, max(1.0, left - BEFORE_END)))
            identity = await self._again(approach)

    async def _again(self, approach: Approach) -> Identity | None:
        try:
            decision = await self.authorize(approach)
        except Refusal:
            return None
        return decision.identity if isinstance(decision, Forward) else None
