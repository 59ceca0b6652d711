"""What auth hands out: a login under way, and a session."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class PartialLogin:
    """What a right password earns: `token` is the partial JWT, good for the second factor of this login only."""

    token: str = field(repr=False)
    user_id: str
    expires_in: int
    expires_at: datetime


@dataclass(frozen=True)
class Tokens:
    """A session: `access_token` for minutes, `refresh_token` (used once, rotated) for as long as the session lasts."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    expires_at: datetime
    scope: str = ""
