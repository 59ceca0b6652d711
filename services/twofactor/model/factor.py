"""A second factor: what a person enrolled (a phone, an app, a set of codes), and the ways in which it can be asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.twofactor.model.channel import LAST_RESORTS, Availability, Channel, Unavailable

_FACTOR_ID = re.compile(r"(push|app|sms|voice|totp|recovery)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_MASKED = re.compile(r"\+([1-9][0-9]{0,2}) ")

# Why a way is listed as it is when the vendor could not tell us.
UNKNOWN = "unknown"
ACCOUNT_UNKNOWN = "account_unknown"


_TYPES = {Channel.APP: "otp", Channel.TOTP: "otp", Channel.RECOVERY: "recovery-code"}


@dataclass(frozen=True)
class Phone:
    """A number that can exist: calling code and national number, digits only."""

    country_code: int
    number: str

    @property
    def masked(self) -> str:
        """`+44 ... 12`: enough to recognise one's own phone, too little to call it."""
        return f"+{self.country_code} ... {self.number[-2:]}"


def calling_code(name: str) -> int | None:
    """The calling code that a masked number begins with; None for what is no phone's name."""
    found = _MASKED.match(name)
    return int(found[1]) if found else None


@dataclass(frozen=True)
class Enrolment:
    """What one person enrolled: a phone, an authenticator app, a set of recovery codes.

    `provider` names its kind: a vendor, or one that needs none. `account` is the vendor's id of the person, kept in
    this service only; without a vendor the enrolment's own id.
    """

    id: str
    user: str
    provider: str
    account: str
    name: str
    last_channel: Channel | None = None
    last_used_at: datetime | None = None

    def counted_as(self, *, known: bool) -> str:
        """In whose name messages to this phone are counted: the person's, once they have confirmed with it.

        Until then the phone's own: anybody may enrol any number, under as many names as they like. `known`: asked for
        on a device that its owner has signed in on. Those are counted apart: strangers who have the password use up
        what there is for strangers.
        """
        if not self.last_used_at:
            return self.account
        return f"{self.user} on a device of theirs" if known else self.user


@dataclass(frozen=True)
class Word:
    """What the vendor said of an account's channels, best first; `states` None: it could not be asked.

    `held`: channels by which nobody is asked for so many seconds, for calls of theirs have failed, whatever it said.
    """

    states: tuple[Availability, ...] | None
    held: Mapping[Channel, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Factor:
    """One way to confirm, as a person chooses it: an enrolment by one channel.

    `available` with reason `unknown` means that the vendor did not say: it may be tried. `retry_after`: in so many
    seconds it may work again.
    """

    enrolment: Enrolment
    channel: Channel
    available: bool
    reason: str | None = None
    preferred: bool = False
    left: int | None = None
    retry_after: int | None = None

    def held(self, reason: str, retry_after: int) -> "Factor":
        """The same while it rests; what does not work for another reason goes on not to work for that."""
        return replace(self, available=False, reason=reason, retry_after=retry_after) if self.available else self

    @property
    def id(self) -> str:
        """`push-<enrolment>`."""
        return f"{self.channel}-{self.enrolment.id}"

    @property
    def type(self) -> str:
        """`otp` or `recovery-code` if the person has the code already, `oob` if we reach out to them."""
        return _TYPES.get(self.channel, "oob")

    def shown(self) -> dict[str, object]:
        """What its owner sees: the account is not in it."""
        seen: dict[str, object] = {
            "id": self.id,
            "type": self.type,
            "channel": self.channel.value,
            "name": self.enrolment.name,
            "preferred": self.preferred,
            "provider": self.enrolment.provider,
            "available": self.available,
        }
        told = {"reason": self.reason and str(self.reason), "left": self.left, "retry_after": self.retry_after}
        return {**seen, **{name: value for name, value in told.items() if value is not None}}


def read_factor_id(text: str) -> tuple[Channel, str] | None:
    """Channel and enrolment of a factor's id; None for anything that is not one."""
    found = _FACTOR_ID.fullmatch(text)
    return (Channel(found[1]), found[2]) if found else None


def factors_of(enrolment: Enrolment, channels: Sequence[Channel], word: Word) -> list[Factor]:
    """The ways of one enrolment, best first; `channels` are all that its kind has."""
    if word.states is None:
        found = [Factor(enrolment, channel, available=True, reason=UNKNOWN) for channel in channels]
    else:
        found = [Factor(enrolment, s.channel, s.reason is None, s.reason, left=s.left) for s in word.states]
    return [
        each.held(Unavailable.PROVIDER_AWAY, word.held[each.channel]) if each.channel in word.held else each
        for each in found
    ]


def lost_factors(enrolment: Enrolment, channels: Sequence[Channel]) -> list[Factor]:
    """The ways of an enrolment whose account the vendor no longer knows: listed, so that it can be removed."""
    return [Factor(enrolment, channel, available=False, reason=ACCOUNT_UNKNOWN) for channel in channels]


def preferred(factors: Sequence[Factor]) -> Factor | None:
    """What to offer first: the way that worked last, else a push, else the first that works.

    A way of a vendor that does not answer waits behind those that are known to work.
    """
    works = [factor for factor in factors if factor.available]
    everyday = [factor for factor in works if factor.channel not in LAST_RESORTS]
    usable = [factor for factor in everyday if factor.reason is None] or everyday or works
    by_use = sorted((f for f in usable if f.enrolment.last_used_at), key=_last_use, reverse=True)
    last = next((f for f in by_use if f.channel is f.enrolment.last_channel), None)
    return last or next((f for f in usable if f.channel is Channel.PUSH), next(iter(usable), None))


def _last_use(factor: Factor) -> float:
    used = factor.enrolment.last_used_at
    return used.timestamp() if used else 0.0
