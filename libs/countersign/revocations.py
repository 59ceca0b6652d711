"""Which sessions have ended before their time, kept here: no request waits for the network to know it."""

import json
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import cast

from countersign.clock import Clock, utc_now
from countersign.errors import Ended, RevocationsStale
from countersign.sse import Event

# Nothing ended longer ago matters: its access tokens have expired by themselves. The default of the server.
LONGEST_TOKEN_LIFE = timedelta(minutes=5)
MOST_SESSIONS = 100_000


class Revocations:
    """A bounded set of ended sessions, and how well it is kept up to date. `FeedOfEnded` fills it from the server.

    `stale_after` is how long without news is accepted: None goes on with what is known (tokens live for minutes),
    a duration makes `require_open` raise `RevocationsStale` once it has passed, which middleware answers with 503.
    """

    def __init__(
        self,
        *,
        life: timedelta = LONGEST_TOKEN_LIFE,
        stale_after: timedelta | None = None,
        most: int = MOST_SESSIONS,
        clock: Clock = utc_now,
    ) -> None:
        self.life, self.stale_after, self.most, self.clock = life, stale_after, most, clock
        self.last_id = ""
        self._ended: OrderedDict[str, datetime] = OrderedDict()
        self._heard_at = clock()
        self._is_current = False
        self._incomplete_until: datetime | None = None

    def require_open(self, session: str) -> None:
        """Raises `Ended`, or `RevocationsStale` if `stale_after` says so."""
        if self._ended.get(session, self.clock()) > self.clock():
            raise Ended(session)
        if self.stale_after is not None and self.stale_for > self.stale_after:
            raise RevocationsStale

    @property
    def is_stale(self) -> bool:
        """Whether sessions may have ended that are not known here. For readiness and metrics."""
        return not self._is_current or self._is_incomplete

    @property
    def stale_for(self) -> timedelta:
        """How long it has been so; zero while the feed is followed."""
        if self._is_incomplete:
            return timedelta.max
        return timedelta(0) if self._is_current else self.clock() - self._heard_at

    def __len__(self) -> int:
        """How many ended sessions are kept."""
        return len(self._ended)

    def hear(self, event: Event) -> None:
        """Takes one event of the feed; raises ValueError for one that cannot be read."""
        if event.name == "ended":
            self.note(_session_of(event.data))
        elif event.name == "caught_up":
            self._is_current = True
        self.last_id = event.id

    def note(self, session: str) -> None:
        """This session has ended. Kept by our own clock, from now: a clock elsewhere may be wrong."""
        self._ended.pop(session, None)
        self._ended[session] = self.clock() + self.life
        self._forget()

    def hear_anything(self) -> None:
        """The feed is alive: as of now nothing is missing that was not missing before."""
        if self._is_current:
            self._heard_at = self.clock()

    def lose_touch(self) -> None:
        """The feed is not heard any more: what happened since it was last heard is not known."""
        self._is_current = False

    def _forget(self) -> None:
        # All live equally long: the oldest entry is the first that matters no more.
        now = self.clock()
        while self._ended and next(iter(self._ended.values())) <= now:
            self._ended.popitem(last=False)
        while len(self._ended) > self.most:
            _, matters_until = self._ended.popitem(last=False)
            self._incomplete_until = matters_until

    @property
    def _is_incomplete(self) -> bool:
        return self._incomplete_until is not None and self._incomplete_until > self.clock()


def _session_of(data: str) -> str:
    document: object = json.loads(data)
    session = cast("dict[str, object]", document).get("sid") if isinstance(document, dict) else None
    if not isinstance(session, str) or not session:
        raise ValueError("an event `ended` without sid")
    return session
