"""A login that leads to a new password before it leads to a session."""

from dataclasses import dataclass
from datetime import datetime, timedelta

RENEWAL_LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Renewal:
    """The password was right, and so was the second factor (`confirmed_at`), but the password is in other hands.

    `partial_id` and `receipt_id` are the proofs, spent by the session that the new password opens; so this is good
    once, though nothing of it is stored.
    """

    user_id: str
    id: str
    client_id: str
    scope: frozenset[str]
    amr: tuple[str, ...]
    confirmed_at: datetime
    partial_id: str
    receipt_id: str
    email: str
    expires_at: datetime
