"""Sessions that have ended before their time: auth's stream `auth:ended` (docs/api.md), followed and kept in memory."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from redis.asyncio import Redis

from chassis.clock import Clock
from chassis.stream_follower import MARGIN, Fields, StreamFollower
from countersign import Revocations, RevocationsStale

STREAM = "auth:ended"


class EndedSessions(StreamFollower):
    """Implements `countersign.verifier.EndedSessions`: what a verifier of access tokens asks. `run` for ever.

    `life` is an access token's. `refuses`: whether nobody is believed while it cannot be known what ended.
    """

    def __init__(
        self,
        redis: Redis,
        life: timedelta,
        grace: float,
        monotonic: Callable[[], float],
        clock: Clock,
        *,
        refuses: bool,
    ) -> None:
        super().__init__(redis, STREAM, "ended_sessions_not_heard", grace, monotonic)
        self.known, self.refuses = Revocations(life=life + MARGIN, clock=clock), refuses

    def require_open(self, session: str) -> None:
        """Raises `Ended`, or `RevocationsStale` where `refuses` says so."""
        self.known.require_open(session)
        if self.refuses and not self.is_current:
            raise RevocationsStale

    def heed(self, entries: Sequence[Fields], *, is_news: bool) -> None:  # noqa: ARG002 old or new, it has ended
        """Keeps them."""
        for fields in entries:
            self.known.note(fields.get(b"sid", b"").decode())
