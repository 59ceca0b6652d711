"""What happened, for the record. Answers hide the difference between refusals; events tell it."""

from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """The kinds of event."""

    REGISTERED = "registered"
    LOGIN_ACCEPTED = "login_accepted"
    LOGIN_REFUSED = "login_refused"
    EXCHANGE_REFUSED = "exchange_refused"
    SESSION_OPENED = "session_opened"
    SESSION_ENDED = "session_ended"
    REFRESH_REUSED = "refresh_reused"


@dataclass(frozen=True)
class Event:
    """`user` and `session` are ids, empty where there is none; `reason` is a word, never text from outside."""

    what: What
    user: str = ""
    session: str = ""
    reason: str = ""
