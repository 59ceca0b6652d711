"""What happened, for the record. Answers hide the difference between refusals; the record tells it.

From where it came (address, browser, request) is not said here: whoever keeps the event knows.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.twofactor.model.challenge import Challenge, Status
from services.twofactor.model.factor import Enrolment


class What(StrEnum):
    """The kinds of event on record."""

    FACTOR_ENROLLED = "factor_enrolled"
    FACTOR_REMOVED = "factor_removed"
    FACTORS_RESET = "factors_reset"
    LOGINS_VOIDED = "logins_voided"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    ENROLMENT_REFUSED = "enrolment_refused"
    CHALLENGE_OPENED = "challenge_opened"
    CHALLENGE_APPROVED = "challenge_approved"
    CHALLENGE_DENIED = "challenge_denied"
    CHALLENGE_EXPIRED = "challenge_expired"
    CHALLENGE_CANCELLED = "challenge_cancelled"
    PUSH_APPROVED = "push_approved"
    PUSH_NUMBER_TYPED = "push_number_typed"
    DISAVOWED = "disavowed"
    CODE_REFUSED = "code_refused"
    RECEIPT_ISSUED = "receipt_issued"
    RECEIPT_REFUSED = "receipt_refused"
    CALLBACK_REFUSED = "callback_refused"
    CALLBACK_TOO_LATE = "callback_too_late"
    SENDING_REFUSED = "sending_refused"
    KEY_ROTATED = "key_rotated"
    KEY_RETIRED = "key_retired"
    KEYS_RESEALED = "keys_resealed"


REFUSALS = frozenset(
    {
        What.ENROLMENT_REFUSED,
        What.CODE_REFUSED,
        What.RECEIPT_REFUSED,
        What.CALLBACK_REFUSED,
        What.CALLBACK_TOO_LATE,
        What.SENDING_REFUSED,
    }
)
ALARMS = frozenset(
    {What.DISAVOWED, What.CALLBACK_REFUSED, What.FACTORS_RESET, What.RECOVERY_CODES_MADE, What.RECOVERY_CODE_USED}
)
# What a challenge has become, a bound push also by halves; that it was consumed is told by the receipt.
BECAME = {
    Status.CODE_MISSING: What.PUSH_APPROVED,
    Status.PHONE_MISSING: What.PUSH_NUMBER_TYPED,
    Status.APPROVED: What.CHALLENGE_APPROVED,
    Status.DENIED: What.CHALLENGE_DENIED,
    Status.EXPIRED: What.CHALLENGE_EXPIRED,
    Status.CANCELLED: What.CHALLENGE_CANCELLED,
}


@dataclass(frozen=True)
class AuditEvent:
    """Ids of ours, empty where there is none; `reason` is never from outside, or it is an operator's own.

    `at`: when it happened, where it is told later than that.
    """

    what: What
    user: str = ""
    login: str = ""
    challenge: str = ""
    factor: str = ""
    channel: str = ""
    reason: str = ""
    key: str = ""
    kind: str = ""
    at: datetime | None = field(default=None, compare=False)


def of_challenge(what: What, challenge: Challenge, reason: str = "", at: datetime | None = None) -> AuditEvent:
    """Something about this challenge."""
    return AuditEvent(
        what, challenge.user, challenge.login, challenge.id, challenge.enrolment, challenge.channel.value, reason, at=at
    )


def of_factor(what: What, enrolment: Enrolment) -> AuditEvent:
    """Something about this factor."""
    return AuditEvent(what, enrolment.user, factor=enrolment.id, kind=enrolment.provider)
