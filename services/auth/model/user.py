"""A person with an account."""

from dataclasses import dataclass
from datetime import datetime

from services.auth.model.email import Email


@dataclass(frozen=True)
class User:
    """`password_hash` is an Argon2 string that carries its own parameters; a user who is disabled cannot sign in."""

    id: str
    email: Email
    password_hash: str
    created_at: datetime
    disabled_at: datetime | None = None
    groups: frozenset[str] = frozenset()
