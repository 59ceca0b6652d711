"""What is said aloud when a challenge moves: the contract with everyone who waits for one.

Channel `twofactor:challenges`; the message is JSON: `{"id", "status", "waiting_for", "reason", "updated_at"}`.
`status` is as in the API, `waiting_for` what a pending challenge lacks (`["phone", "code"]`, one of them, or `[]`),
`reason` null when there is none, `updated_at` RFC 3339 in UTC to the millisecond. It names no person and grants
nothing: whoever hears it reads the challenge over HTTP with their partial token.

That an approval was consumed is not told: whoever waited has heard of the approval, and every gateway hears every word.
"""

import orjson

from services.twofactor.model.challenge import Challenge, Status
from services.twofactor.model.moments import rfc3339

CHANNEL = "twofactor:challenges"


def announcement(challenge: Challenge) -> bytes:
    """The message for this status, empty if nobody waits for it."""
    if challenge.status is Status.CONSUMED:
        return b""
    return orjson.dumps(
        {
            "id": challenge.id,
            "status": challenge.status.told,
            "waiting_for": challenge.status.waiting_for,
            "reason": challenge.reason or None,
            "updated_at": rfc3339(challenge.updated_at),
        }
    )
