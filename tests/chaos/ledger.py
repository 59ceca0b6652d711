"""What people were promised (answers of 2xx) and what they did, noted by those who got and did it."""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum


class End(Enum):
    """What became of a session: its end was acknowledged, or it may have been ended by what the person said."""

    SAID = "said"
    MAYBE = "maybe"


@dataclass
class Opened:
    """A session somebody was given, after this challenge."""

    session: str
    challenge: str
    refresh_token: str
    end: End | None = None


@dataclass
class Ledger:
    """Grows while the load runs; the observer compares it with the stores.

    `approved`: challenges whose owner pressed Approve *and* typed the number, each with the id of the partial token that
    asked for it. `enrolled`: people who were told that their phone is.
    """

    registered: dict[str, str] = field(default_factory=dict)
    enrolled: set[str] = field(default_factory=set)
    approved: dict[str, str] = field(default_factory=dict)
    opened: list[Opened] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    # Nobody listened; and connections that were taken and ended without an answer.
    refused_connections: int = 0
    cut_connections: int = 0
    begun: int = 0
    finished: int = 0
    given_up: int = 0
    # What people saw themselves, since `forget_what_was_seen`: let in wrongly, promised and gone, and the rest.
    admitted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def forget_what_was_seen(self) -> None:
        """The next fault answers for itself; what was promised and done stays."""
        for seen in (self.admitted, self.lost, self.wrong):
            seen.clear()

    @property
    def unanswered(self) -> int:
        """Of whatever kind."""
        return self.refused_connections + self.cut_connections

    @property
    def requests(self) -> int:
        """Answered and not."""
        return sum(self.answers.values()) + self.unanswered
