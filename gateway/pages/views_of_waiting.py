"""What the templates are given while a challenge is under way: plain values, already in words."""

from dataclasses import dataclass

from gateway.pages import push_words
from gateway.pages.durations import time_left


@dataclass(frozen=True)
class Fact:
    """A line to compare with the phone; `moment` is RFC 3339 when the value is a time that scripts may make local."""

    label: str
    value: str
    moment: str = ""


@dataclass(frozen=True)
class Waiting:
    """A push that waits for its number to be typed here, for the phone, or for both. Times are whole seconds."""

    name: str
    facts: tuple[Fact, ...]
    seconds_left: int
    lifetime: int
    wants_code: bool = False
    wants_phone: bool = True

    @property
    def title(self) -> str:
        """What is to be done now."""
        return push_words.STEPS[self.wants_code, self.wants_phone][0]

    @property
    def lead(self) -> str:
        """How."""
        return push_words.STEPS[self.wants_code, self.wants_phone][1]

    @property
    def after_yes(self) -> tuple[str, str]:
        """The same two, for the moment at which the phone says yes while the number is being typed."""
        return push_words.STEPS[True, False]

    @property
    def spent(self) -> int:
        """How much of the ring is gone, in hundredths."""
        return 100 - round(100 * self.seconds_left / max(self.lifetime, 1))

    @property
    def time_left(self) -> str:
        """The time left in words."""
        return time_left(self.seconds_left)


@dataclass(frozen=True)
class Again:
    """The same way once more: in `wait` seconds, or not at all while it is `held` (why, in words; "" if it is not).

    `is_over`: no way at all, for the whole login is.
    """

    wait: int = 0
    held: str = ""
    is_over: bool = False


@dataclass(frozen=True)
class Asking:
    """A code that is asked for, complete at `digits`; `again` is "" where nothing can be sent again.

    `letters`: it is no number, but a recovery code.
    """

    channel: str
    title: str
    lead: str
    name: str
    more: str = "."
    held_back: str = ""
    again: str = ""
    resend_in: int = 0
    digits: int = 7
    seconds_left: int = 0
    lifetime: int = 0
    letters: bool = False

    @property
    def time_left(self) -> str:
        """The time left in words."""
        return time_left(self.seconds_left)
