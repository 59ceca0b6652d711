"""What is done while nobody tells which sessions have ended."""

from enum import StrEnum


class Without(StrEnum):
    """The fallback, by setting."""

    ACCEPT = "accept"
    INTROSPECT = "introspect"
    REFUSE = "refuse"
