"""A person says of a sign-in: that was not me."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# So long a statement is good, and stands in the stream: auth may be away for a day and still hear it.
STATEMENT_LIFE = timedelta(days=1)
# So far back statements are told again, signed anew, when the stream may have lost them.
TOLD_AGAIN = timedelta(days=7)


class How(StrEnum):
    """Where the person said it."""

    DENIED = "denied"
    SESSION = "session"


@dataclass(frozen=True)
class Disavowal:
    """`id`: the challenge that was denied, or the session that said it; `login` is "" for the latter."""

    id: str
    user: str
    how: How
    login: str
    said_at: datetime
