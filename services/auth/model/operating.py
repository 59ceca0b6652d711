"""What an operator does about people. Every fault is a sentence for the operator."""

from dataclasses import dataclass, field

# Whose short tokens the command line carries to other services; no client may be called so.
OPERATOR = "countersign-operator"


class NotDone(Exception):
    """Something that cannot be done as it was asked for; the text says why, and what to do."""


@dataclass(frozen=True)
class ShutOut:
    """`sessions`: how many ended. `everywhere`: whether twofactor has heard that logins that were begun are void."""

    sessions: int
    everywhere: bool


@dataclass(frozen=True)
class FactorsReset:
    """What a reset took away, and the one code with which the person signs in next."""

    factors: int
    sessions: int
    code: str = field(repr=False)
