"""What is said aloud when a challenge moves: the contract with everyone who waits for one.

Channel `twofactor:challenges`; the message is JSON: `{"id", "status", "waiting_for", "reason", "updated_at"}`.
`status` is as in the API, `waiting_for` what a pending challenge lacks (`["phone", "code"]`, one of them, or `[]`),
`reason` null when there is none, `updated_at` RFC 3339 in UTC to the millisecond. It names no person and grants
nothing: whoever hears it reads the challenge over HTTP with their partial token.
"""

import orjson

from services.twofactor.model.challenge import Challenge
from services.twofactor.model.moments import rfc3339

CHANNEL = "twofactor:challenges"


def announcement(challenge: Challenge) -> bytes:
    """The message for this status."""
    return orjson.dumps(
        {
            "id": challenge.id,
            "status": challenge.status.told,
            "waiting_for": challenge.status.waiting_for,
            "reason": challenge.reason or None,
            "updated_at": rfc3339(challenge.updated_at),
        }
    )
