"""A challenge: one question to one person, in one login, and the table of what may happen to it.

    event                pending     approved    denied   expired   cancelled  consumed
    provider approves    approved    (same)      refuse   refuse    refuse     refuse
    provider denies      denied      refuse      (same)   refuse    refuse     refuse
    right code           approved    (same)      refuse   refuse    refuse     refuse
    wrong code, last try denied      refuse      refuse   refuse    refuse     refuse
    person cancels       cancelled   refuse      refuse   refuse    (same)     refuse
    time is up           expired     expired     (same)   (same)    (same)     (same)
    consume              refuse      consumed    refuse   refuse    refuse     (same)

`decide` is the only place that knows these rules; the store moves a challenge from one status to the next, atomically,
and knows none. A consumed challenge that is consumed again is the same receipt: whether it may be had again (the same
partial token, within its life) is judged where receipts are issued.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.twofactor.model.channel import Channel, Delivery
from services.twofactor.model.context import Context
from services.twofactor.model.factor import calling_code

# An approval is for the browser that waits: it is used at once or not at all.
APPROVAL_LIFE = timedelta(seconds=60)


class Status(StrEnum):
    """Where a challenge stands."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CONSUMED = "consumed"


class Event(StrEnum):
    """What can happen to a challenge."""

    PROVIDER_APPROVES = "provider_approves"
    PROVIDER_DENIES = "provider_denies"
    RIGHT_CODE = "right_code"
    LAST_WRONG_CODE = "last_wrong_code"
    PERSON_CANCELS = "person_cancels"
    TIME_IS_UP = "time_is_up"
    CONSUME = "consume"


@dataclass(frozen=True)
class Transition:
    """The event is allowed and leads to `target`, which may be where the challenge stands already."""

    source: Status
    target: Status

    @property
    def changes(self) -> bool:
        """False for "(same)"."""
        return self.source is not self.target


@dataclass(frozen=True)
class Refused:
    """The event comes too late or too early: nothing changes."""

    status: Status
    event: Event


_TARGETS: Mapping[tuple[Event, Status], Status] = {
    (Event.PROVIDER_APPROVES, Status.PENDING): Status.APPROVED,
    (Event.PROVIDER_APPROVES, Status.APPROVED): Status.APPROVED,
    (Event.PROVIDER_DENIES, Status.PENDING): Status.DENIED,
    (Event.PROVIDER_DENIES, Status.DENIED): Status.DENIED,
    (Event.RIGHT_CODE, Status.PENDING): Status.APPROVED,
    (Event.RIGHT_CODE, Status.APPROVED): Status.APPROVED,
    (Event.LAST_WRONG_CODE, Status.PENDING): Status.DENIED,
    (Event.PERSON_CANCELS, Status.PENDING): Status.CANCELLED,
    (Event.PERSON_CANCELS, Status.CANCELLED): Status.CANCELLED,
    (Event.TIME_IS_UP, Status.PENDING): Status.EXPIRED,
    (Event.TIME_IS_UP, Status.APPROVED): Status.EXPIRED,
    (Event.TIME_IS_UP, Status.DENIED): Status.DENIED,
    (Event.TIME_IS_UP, Status.EXPIRED): Status.EXPIRED,
    (Event.TIME_IS_UP, Status.CANCELLED): Status.CANCELLED,
    (Event.TIME_IS_UP, Status.CONSUMED): Status.CONSUMED,
    (Event.CONSUME, Status.APPROVED): Status.CONSUMED,
    (Event.CONSUME, Status.CONSUMED): Status.CONSUMED,
}


def decide(status: Status, event: Event) -> Transition | Refused:
    """What `event` does to a challenge that stands at `status`."""
    target = _TARGETS.get((event, status))
    return Refused(status, event) if target is None else Transition(status, target)


@dataclass(frozen=True)
class Challenge:
    """One question, opened with one partial token (`partial_id`) in one login (`login`), answered by one account.

    `reference` is the provider's id of a push, "" until it is known. `expires_at` is when a pending challenge, or an
    approval nobody used, is over; never later than `login_ends_at`, when the partial token is. `receipt` is "" until
    the challenge is consumed.
    """

    id: str
    login: str
    partial_id: str
    user: str
    enrolment: str
    account: str
    channel: Channel
    name: str
    context: Context
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    login_ends_at: datetime
    tries_left: int
    status: Status = Status.PENDING
    reason: str = ""
    delivery: Delivery = Delivery.NONE
    reference: str = ""
    receipt: str = ""

    @property
    def factor_id(self) -> str:
        """The public name of the way it was asked: channel and enrolment."""
        return f"{self.channel}-{self.enrolment}"

    @property
    def calling_code(self) -> int | None:
        """The country that a text or call of it goes to."""
        return calling_code(self.name)

    def is_overdue(self, now: datetime) -> bool:
        """Whether its time is up though its status does not say so yet."""
        return self.status in {Status.PENDING, Status.APPROVED} and now >= self.expires_at

    def moved(self, target: Status, now: datetime, *, reason: str = "") -> "Challenge":
        """The challenge at its next status."""
        ends = min(now + APPROVAL_LIFE, self.login_ends_at) if target is Status.APPROVED else self.expires_at
        return replace(self, status=target, updated_at=now, expires_at=ends, reason=reason)
