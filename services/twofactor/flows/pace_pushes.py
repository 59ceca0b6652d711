"""One push per person at a time, and a pause when they come to nothing: counted over all logins and processes.

What a push has come to is written down after its challenge has moved. If a process dies in between, the push stays in
its place until its time is up, and then counts as one that ran out: too much is counted rather than too little.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from chassis.asked import Asked
from chassis.clock import Clock
from services.twofactor.model.challenge import Challenge, Status
from services.twofactor.model.channel import Channel, Unavailable
from services.twofactor.model.errors import ChannelUnavailable, Conflict
from services.twofactor.model.push_pace import APPROVED, Hold, PushPace
from services.twofactor.ports_of_pushes import PushEnds, PushPaces

log = structlog.get_logger()
# Why `Deliver` takes a challenge back that never reached the phone.
NEVER_SENT = frozenset({"provider_unavailable", "channel_unavailable", "account_unknown"})
_TRIES = 10


@dataclass(frozen=True)
class PacePushes:
    """`pause`: how long the first pause is."""

    paces: PushPaces
    ends: PushEnds
    pause: timedelta
    clock: Clock

    def hold(self, user: str) -> Awaitable[Hold | None]:
        """What stands against another push to this person now. On its way when it has been asked."""
        return Asked(self.paces.of(user), self._held)

    async def require_rested(self, user: str) -> None:
        """Looks, before a login's own count is touched; raises `ChannelUnavailable` with `retry_after`.

        Whether a push is open is found out by `take`: of one in this very login, the login's own place tells.
        """
        hold = await self.hold(user)
        if hold is not None and hold.reason is not Unavailable.PUSH_OPEN:
            _require_none(hold, self.clock())

    async def take(self, challenge: Challenge) -> None:
        """Takes the person's one place, in one step; raises `ChannelUnavailable` if somebody was faster."""

        def taken(pace: PushPace, now: datetime) -> PushPace:
            _require_none(pace.hold(now), now)
            return pace.sending(challenge.id, challenge.expires_at)

        await self._change(challenge.user, taken)
        # Before it is sent: what is on a phone is looked at in the end, whatever becomes of this process.
        await self.ends.note(challenge)

    async def ended(self, challenge: Challenge) -> None:
        """Writes down what became of a challenge that has just moved."""
        if challenge.channel is Channel.PUSH and not challenge.status.is_pending:
            await self._change(challenge.user, lambda pace, now: self._after(challenge, pace, now))

    async def disavowed(self, user: str) -> None:
        """It was not them: the pause begins now."""
        await self._change(user, lambda pace, now: pace.disavowed(now, self.pause))

    def _held(self, pace: PushPace) -> Hold | None:
        now = self.clock()
        return pace.settled(now, self.pause).hold(now)

    def _after(self, challenge: Challenge, pace: PushPace, now: datetime) -> PushPace:
        match challenge.status:
            case Status.APPROVED:
                return APPROVED if pace.open == challenge.id else pace
            case Status.DENIED | Status.EXPIRED:
                return pace.came_to_nothing(challenge.id, now, self.pause)
            case Status.CANCELLED if challenge.reason in NEVER_SENT:
                return pace.never_sent(challenge.id)
            case Status.CANCELLED:
                return pace.taken_back(challenge.id, now, self.pause)
            case _:
                return pace

    async def _change(self, user: str, change: Callable[[PushPace, datetime], PushPace]) -> None:
        for _ in range(_TRIES):
            now, old = self.clock(), await self.paces.of(user)
            new = change(old.settled(now, self.pause), now)
            if new == old or await self.paces.replace(user, old, new, new.forgotten_at(now) - now):
                if new.failed > old.failed:
                    log.info("push_came_to_nothing", user=user, times=new.failed, until=new.rests_until.isoformat())
                return
        raise Conflict


def _require_none(hold: Hold | None, now: datetime) -> None:
    if hold is not None:
        raise ChannelUnavailable(Channel.PUSH, hold.reason, hold.seconds(now))
