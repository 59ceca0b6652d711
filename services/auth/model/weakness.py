"""Why a new password is refused: codes that pages turn into sentences."""

from enum import StrEnum


class Weakness(StrEnum):
    """One reason, the first that was found."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    PERSONAL = "personal"
    GUESSABLE = "guessable"
    UNCHANGED = "unchanged"
