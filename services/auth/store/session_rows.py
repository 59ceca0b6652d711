"""A row of `sessions` as a session, and what two stores do with such rows."""

from typing import Any

from services.auth.model.caller import Caller
from services.auth.model.session import Session

COLUMNS = """
sessions.id AS session_id, sessions.user_id, sessions.client_id, sessions.scope, sessions.amr,
sessions.authenticated_at, sessions.opened_at,
sessions.last_used_at, sessions.expires_at, sessions.address, sessions.browser, users.groups
"""

# Locked in one order: two sign-outs of everything at once wait for each other instead of both for ever. It says twice
# whose they are: then nothing of other people's is gone through.
END_ALL = """
UPDATE sessions SET ended_at = $4, end_reason = $3
WHERE (id, began_at) IN (
    SELECT id, began_at FROM sessions
    WHERE user_id = $1 AND id IS DISTINCT FROM $2 AND ended_at IS NULL AND expires_at > $4
    ORDER BY id FOR UPDATE
) AND user_id = $1 AND ended_at IS NULL RETURNING id
"""


def session_of(row: Any) -> Session:
    """From a row with `COLUMNS`, of `sessions` joined with `users`."""
    return Session(
        id=str(row["session_id"]),
        user_id=str(row["user_id"]),
        client_id=row["client_id"],
        scope=frozenset(row["scope"]),
        amr=tuple(row["amr"]),
        authenticated_at=row["authenticated_at"],
        opened_at=row["opened_at"],
        last_used_at=row["last_used_at"],
        expires_at=row["expires_at"],
        caller=Caller(row["address"], row["browser"]),
        groups=frozenset(row["groups"]),
    )
