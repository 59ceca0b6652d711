"""How often a person's phone may be asked: one push at a time, a rest after each that came to nothing, then a pause.

Whoever has the password can begin logins without end, and people press Approve at the tenth request (NIST SP 800-63B-4
section 3.1.3). So what counts is the person, not the login:

    a push is on the phone                        the next one waits until it is answered or over
    one was denied or ran out                     rests 10 seconds
    a second one                                  rests a minute
    a third one, or "it was not me"               pause: an hour (the setting), twice as long after each further one,
                                                  a day at most
    six were sent, however they were taken back   each further one that is taken back counts like one that ran out

An approval forgets all of it; so does a day without any push after the last rest. Codes are not touched by any of this.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from services.twofactor.model.channel import Unavailable

RESTS = (timedelta(seconds=10), timedelta(seconds=60))
LONGEST_PAUSE = timedelta(days=1)
# Taking a request back is the asker's own doing: without this it would be a way around every count.
MOST_SENT = 6
REMEMBERED = timedelta(days=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Hold:
    """Why no push can go out now, and until when at least."""

    reason: Unavailable
    until: datetime

    def seconds(self, now: datetime) -> int:
        """How long that is, for Retry-After: never nothing."""
        return max(1, -(-(self.until - now) // timedelta(seconds=1)))


@dataclass(frozen=True)
class PushPace:
    """One person's pushes since the last that was approved.

    `open` is the challenge that is on the phone (until `open_until`), "" if there is none.
    """

    open: str = ""
    open_until: datetime = _LONG_AGO
    sent: int = 0
    failed: int = 0
    rests_until: datetime = _LONG_AGO

    def hold(self, now: datetime) -> Hold | None:
        """What stands against another push; None if nothing does."""
        if self.open and now < self.open_until:
            return Hold(Unavailable.PUSH_OPEN, self.open_until)
        if now >= self.rests_until:
            return None
        is_pause = self.failed > len(RESTS)
        return Hold(Unavailable.PUSH_PAUSED if is_pause else Unavailable.PUSH_RESTING, self.rests_until)

    def settled(self, now: datetime, pause: timedelta) -> "PushPace":
        """As of `now`: a push that nobody looked at any more has run out all the same."""
        if not self.open or now < self.open_until:
            return self
        return self.came_to_nothing(self.open, self.open_until, pause)

    def sending(self, challenge_id: str, until: datetime) -> "PushPace":
        """Another push goes out."""
        return replace(self, open=challenge_id, open_until=until, sent=self.sent + 1)

    def never_sent(self, challenge_id: str) -> "PushPace":
        """The vendor did not take it."""
        return replace(self, open="", sent=self.sent - 1) if challenge_id == self.open else self

    def taken_back(self, challenge_id: str, now: datetime, pause: timedelta) -> "PushPace":
        """Whoever asked does not ask any more."""
        if challenge_id != self.open:
            return self
        return self.came_to_nothing(challenge_id, now, pause) if self.sent >= MOST_SENT else replace(self, open="")

    def came_to_nothing(self, challenge_id: str, now: datetime, pause: timedelta) -> "PushPace":
        """Denied, run out, or ended by wrong codes; only the one that is open counts, and once."""
        if challenge_id != self.open:
            return self
        failed = self.failed + 1
        return replace(self, open="", failed=failed, rests_until=now + _rest(failed, pause))

    def disavowed(self, now: datetime, pause: timedelta) -> "PushPace":
        """The person says that it was not them: no further request, at once and for a while."""
        failed = max(self.failed, len(RESTS)) + 1
        return replace(self, open="", failed=failed, rests_until=max(self.rests_until, now + _rest(failed, pause)))

    def forgotten_at(self, now: datetime) -> datetime:
        """From when on nothing of this matters any more."""
        return max(self.rests_until, self.open_until, now) + REMEMBERED


APPROVED = PushPace()


def _rest(failed: int, pause: timedelta) -> timedelta:
    if failed <= len(RESTS):
        return RESTS[failed - 1]
    # The exponent is capped before it is used: nobody waits for two to the power of a million.
    return min(pause * (1 << min(failed - len(RESTS) - 1, 20)), max(LONGEST_PAUSE, pause))
