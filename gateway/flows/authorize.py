"""May this request pass, and as whom? One answer behind proxy, forward-auth and pages."""

from dataclasses import dataclass
from datetime import datetime

from chassis.clock import Clock
from gateway.flows.believe import Believe
from gateway.flows.keep_session import KeepSession
from gateway.model.access import SessionEnded
from gateway.model.decision import Approach, Decision, decide
from gateway.model.errors import AccessTokenRefused, SecondFactorNeeded
from gateway.model.identity import Identity
from gateway.model.path import require_plain
from gateway.model.policy import Require
from gateway.model.visit import Visit
from gateway.ports import Policies


@dataclass(frozen=True)
class Authorize:
    """Decided on the path as it was sent, for that is what the upstream reads."""

    policies: Policies
    believe: Believe
    keep_session: KeepSession
    clock: Clock

    async def __call__(self, approach: Approach) -> Decision:
        """Raises `AmbiguousPath`, `NotForwarded`, `MethodRefused`, and whatever `decide` raises."""
        policy = self.policies.current
        route = policy.route_for(require_plain(approach.path), approach.host, approach.method)
        now = self.clock()
        identity = None if route.require is Require.ANONYMOUS else await self._who(approach, now)
        return decide(route, approach, identity, now)

    async def session(self, visit: Visit) -> Identity | None:
        """Whose session a browser's visit is; None when it is none, or over."""
        if visit.tokens is None:
            return None
        try:
            return await self.believe(visit.tokens.access_token, self.clock())
        except AccessTokenRefused:
            return None

    async def require_not_ended(self, token: str) -> None:
        """For a token that a peer will judge: raises `SessionEnded`, `RevocationsUnknown`, `KeysUnavailable` only."""
        try:
            await self.believe(token, self.clock())
        except SessionEnded:
            raise
        except (AccessTokenRefused, SecondFactorNeeded):
            return

    async def _who(self, approach: Approach, now: datetime) -> Identity | None:
        # A token that was sent is judged, and a bad one is not made good by a cookie beside it.
        if approach.bearer is not None:
            return await self.believe(approach.bearer, now)
        if approach.cookie is None:
            return None
        return await self.session(await self.keep_session(approach.cookie))
