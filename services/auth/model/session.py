"""A session: what a person has after both factors, until it ends."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.auth.model.caller import Caller
from services.auth.model.errors import SessionUnknown

ACR = "aal2"


class End(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"
    REFRESH_REUSED = "refresh_reused"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 a name, no secret
    DISABLED = "disabled"
    FACTORS_RESET = "factors_reset"
    OPERATOR = "operator"
    DISAVOWED = "disavowed"


@dataclass(frozen=True)
class Session:
    """`amr`: how the person proved who they are (RFC 8176). `expires_at` is the end that no refresh moves.

    `groups` are the person's at the moment in which the session is opened or read, not those it began with.
    """

    id: str
    user_id: str
    client_id: str
    scope: frozenset[str]
    amr: tuple[str, ...]
    authenticated_at: datetime
    opened_at: datetime
    last_used_at: datetime
    expires_at: datetime
    caller: Caller
    groups: frozenset[str] = frozenset()


def session_id(text: str) -> str:
    """A session's id as the store spells it; raises `SessionUnknown` for text that cannot be one."""
    try:
        return str(UUID(text))
    except ValueError as malformed:
        raise SessionUnknown from malformed


@dataclass(frozen=True)
class Proofs:
    """The two statements that opened a session; each opens one only. `password_at`: when the password was right."""

    partial_id: str
    receipt_id: str
    password_at: datetime
