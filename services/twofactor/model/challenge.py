"""A challenge: one question to one person, in one login, and the table of what may happen to it.

While it is pending, its status says what is missing: the phone's approval, the right code, or both. A bound push begins
with both missing, another push with the phone, and a code that was sent, or stands in an app, with the code.

    event                both        phone      code       approved   denied   expired   cancelled  consumed
    provider approves    code        approved   (same)     (same)     refuse   refuse    refuse     refuse
    provider denies      denied      denied     denied     refuse     (same)   refuse    refuse     refuse
    right code           phone       (same)     approved   (same)     refuse   refuse    refuse     refuse
    wrong code, last try denied      refuse     denied     refuse     refuse   refuse    refuse     refuse
    person cancels       cancelled   cancelled  cancelled  refuse     refuse   refuse    (same)     refuse
    time is up           expired     expired    expired    expired    (same)   (same)    (same)     (same)
    consume              refuse      refuse     refuse     consumed   refuse   refuse    refuse     (same)

`decide` alone knows these rules; the store moves a challenge from one status to the next, atomically. So an approval
and a code that arrive at the same moment, in two processes, end in the same place in either order: whoever loses the
step reads again, and decides from where the other one led.

A challenge that is consumed again is the same receipt: whether it may be had again is judged where they are issued.
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
# Three guesses among a million, for somebody whose request the owner approves: what is bound, is bound.
BINDING_TRIES = 3


class Status(StrEnum):
    """Where a challenge stands; the first three are pending, and named by what is missing."""

    BOTH_MISSING = "both"
    PHONE_MISSING = "phone"
    CODE_MISSING = "code"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CONSUMED = "consumed"

    @property
    def is_pending(self) -> bool:
        """Whether something is missing yet."""
        return self in _MISSING

    @property
    def told(self) -> str:
        """What everybody else hears: `pending`, or how it ended."""
        return "pending" if self.is_pending else self.value

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """What is missing: `phone`, `code`, both, or nothing."""
        return _MISSING.get(self, ())


_MISSING: Mapping[Status, tuple[str, ...]] = {
    Status.BOTH_MISSING: ("phone", "code"),
    Status.PHONE_MISSING: ("phone",),
    Status.CODE_MISSING: ("code",),
}
# Where a code may be tried.
CODE_WANTED = frozenset({Status.BOTH_MISSING, Status.CODE_MISSING})


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
    (Event.PROVIDER_APPROVES, Status.BOTH_MISSING): Status.CODE_MISSING,
    (Event.PROVIDER_APPROVES, Status.PHONE_MISSING): Status.APPROVED,
    (Event.PROVIDER_APPROVES, Status.CODE_MISSING): Status.CODE_MISSING,
    (Event.PROVIDER_APPROVES, Status.APPROVED): Status.APPROVED,
    (Event.PROVIDER_DENIES, Status.BOTH_MISSING): Status.DENIED,
    (Event.PROVIDER_DENIES, Status.PHONE_MISSING): Status.DENIED,
    (Event.PROVIDER_DENIES, Status.CODE_MISSING): Status.DENIED,
    (Event.PROVIDER_DENIES, Status.DENIED): Status.DENIED,
    (Event.RIGHT_CODE, Status.BOTH_MISSING): Status.PHONE_MISSING,
    (Event.RIGHT_CODE, Status.PHONE_MISSING): Status.PHONE_MISSING,
    (Event.RIGHT_CODE, Status.CODE_MISSING): Status.APPROVED,
    (Event.RIGHT_CODE, Status.APPROVED): Status.APPROVED,
    (Event.LAST_WRONG_CODE, Status.BOTH_MISSING): Status.DENIED,
    (Event.LAST_WRONG_CODE, Status.CODE_MISSING): Status.DENIED,
    (Event.PERSON_CANCELS, Status.BOTH_MISSING): Status.CANCELLED,
    (Event.PERSON_CANCELS, Status.PHONE_MISSING): Status.CANCELLED,
    (Event.PERSON_CANCELS, Status.CODE_MISSING): Status.CANCELLED,
    (Event.PERSON_CANCELS, Status.CANCELLED): Status.CANCELLED,
    (Event.TIME_IS_UP, Status.BOTH_MISSING): Status.EXPIRED,
    (Event.TIME_IS_UP, Status.PHONE_MISSING): Status.EXPIRED,
    (Event.TIME_IS_UP, Status.CODE_MISSING): Status.EXPIRED,
    (Event.TIME_IS_UP, Status.APPROVED): Status.EXPIRED,
    (Event.TIME_IS_UP, Status.DENIED): Status.DENIED,
    (Event.TIME_IS_UP, Status.EXPIRED): Status.EXPIRED,
    (Event.TIME_IS_UP, Status.CANCELLED): Status.CANCELLED,
    (Event.TIME_IS_UP, Status.CONSUMED): Status.CONSUMED,
    (Event.CONSUME, Status.APPROVED): Status.CONSUMED,
    (Event.CONSUME, Status.CONSUMED): Status.CONSUMED,
}


def first_status(channel: Channel, *, bound: bool) -> Status:
    """Where a challenge begins: `bound` pushes want a code as well as the phone."""
    if channel is not Channel.PUSH:
        return Status.CODE_MISSING
    return Status.BOTH_MISSING if bound else Status.PHONE_MISSING


def decide(status: Status, event: Event) -> Transition | Refused:
    """What `event` does to a challenge that stands at `status`."""
    target = _TARGETS.get((event, status))
    return Refused(status, event) if target is None else Transition(status, target)


@dataclass(frozen=True)
class Challenge:
    """One question, opened with one partial token (`partial_id`) in one login (`login`), answered by one account.

    `reference` is the provider's id of a push, "" until it is known. `expires_at` is when a pending challenge, or an
    approval nobody used, is over; never later than `login_ends_at`, when the partial token is. `receipt` is "" until
    the challenge is consumed. `bound`: a push whose code the person types. `opened_in`: the request, as traces name it.
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
    status: Status
    bound: bool = False
    reason: str = ""
    delivery: Delivery = Delivery.NONE
    reference: str = ""
    receipt: str = ""
    opened_in: str = ""

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
        return (self.status.is_pending or self.status is Status.APPROVED) and now >= self.expires_at

    def moved(self, target: Status, now: datetime, *, reason: str = "") -> "Challenge":
        """The challenge at its next status."""
        ends = min(now + APPROVAL_LIFE, self.login_ends_at) if target is Status.APPROVED else self.expires_at
        return replace(self, status=target, updated_at=now, expires_at=ends, reason=reason)
