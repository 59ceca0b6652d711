"""What happened, for the record. Answers hide the difference between refusals; events tell it.

From where it came (address, browser, request) is not said here: whoever keeps the event knows.
"""

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
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 a name, no secret
    PASSWORD_REFUSED = "password_refused"  # noqa: S105 a name, no secret
    PASSWORD_EXPIRED = "password_expired"  # noqa: S105 a name, no secret
    PASSWORD_DISAVOWED = "password_disavowed"  # noqa: S105 a name, no secret
    STATEMENT_REFUSED = "statement_refused"
    GROUPS_CHANGED = "groups_changed"
    CLIENT_REFUSED = "client_refused"
    USER_CREATED = "user_created"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    FACTORS_RESET = "factors_reset"
    CLIENT_CREATED = "client_created"
    CLIENT_ROTATED = "client_rotated"
    CLIENT_DISABLED = "client_disabled"
    KEY_ROTATED = "key_rotated"
    KEY_RETIRED = "key_retired"
    KEYS_RESEALED = "keys_resealed"


REFUSALS = frozenset(
    {What.LOGIN_REFUSED, What.EXCHANGE_REFUSED, What.PASSWORD_REFUSED, What.CLIENT_REFUSED, What.STATEMENT_REFUSED}
)
ALARMS = frozenset({What.REFRESH_REUSED, What.FACTORS_RESET, What.PASSWORD_DISAVOWED, What.STATEMENT_REFUSED})


@dataclass(frozen=True)
class Event:
    """`user`, `session`, `client`, `key`: ids of ours, empty where there is none; `reason` is never from outside.

    Of what an operator does it is what the operator says.
    """

    what: What
    user: str = ""
    session: str = ""
    reason: str = ""
    client: str = ""
    key: str = ""
