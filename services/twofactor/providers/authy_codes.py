"""Authy's error codes in words of our domain: the one table.

It is Authy's own: other products of the same vendor use some of these numbers for other things. Codes of products that
a login never meets (phone verification, SDK registration, webhooks, export) are left out; an unknown code is judged by
its HTTP status.
"""

from collections.abc import Mapping
from enum import Enum, auto

from services.twofactor.model.channel import Unavailable


class Fault(Enum):
    """What went wrong, when it is not a channel that does not work for this person."""

    OPERATOR = auto()  # we are refused, not the person
    AWAY = auto()  # Authy cannot now
    UNKNOWN_PERSON = auto()
    BAD_INPUT = auto()  # something in our request: at enrolment and in a code check it came from the person
    WRONG_CODE = auto()
    REUSED_CODE = auto()


ERRORS: Mapping[int, Fault | Unavailable] = {
    # Key and account.
    60000: Fault.AWAY,  # no particular reason given
    60001: Fault.OPERATOR,  # API key invalid
    60002: Fault.BAD_INPUT,  # request invalid
    60003: Fault.AWAY,  # throttled
    60004: Fault.BAD_INPUT,  # parameter invalid
    60005: Fault.BAD_INPUT,  # not UTF-8
    60008: Fault.OPERATOR,  # account suspended
    60047: Fault.OPERATOR,  # key of another product
    60056: Fault.OPERATOR,  # TLS required
    60057: Fault.OPERATOR,  # account suspended for a time
    60060: Fault.OPERATOR,  # vendor account suspended
    60061: Fault.OPERATOR,  # application suspended
    60063: Fault.OPERATOR,  # our address is not allowed
    60117: Fault.OPERATOR,  # application not found
    60119: Fault.OPERATOR,  # application wants users without personal data
    60124: Fault.OPERATOR,  # account not found
    # Channels.
    60006: Unavailable.CHANNEL_DISABLED,  # calls are off
    60007: Unavailable.CHANNEL_DISABLED,  # SMS is off
    60009: Unavailable.LIMIT_REACHED,  # SMS of the month
    60010: Unavailable.LIMIT_REACHED,  # SMS of the day
    60011: Unavailable.LIMIT_REACHED,  # calls of the month
    60012: Unavailable.LIMIT_REACHED,  # calls of the day
    60013: Unavailable.NUMBER_UNSUITABLE,  # country banned
    60014: Unavailable.NOT_DELIVERED,  # call not started
    60015: Unavailable.NOT_DELIVERED,  # SMS not sent
    60032: Unavailable.NOT_DELIVERED,  # SMS not found
    60082: Unavailable.NUMBER_UNSUITABLE,  # a landline takes no SMS
    60083: Unavailable.NUMBER_UNSUITABLE,  # number not provisioned
    60091: Fault.OPERATOR,  # own message text not allowed for this application
    60108: Unavailable.NUMBER_UNSUITABLE,  # channel invalid for the device
    60115: Unavailable.NUMBER_OPTED_OUT,
    60120: Unavailable.LIMIT_REACHED,  # SMS limit
    60121: Unavailable.NOT_DELIVERED,  # SMS invalid
    # Person.
    60016: Fault.UNKNOWN_PERSON,  # does not exist (code checks)
    60017: Unavailable.ACCOUNT_SUSPENDED,
    60018: Unavailable.ACCOUNT_SUSPENDED,  # disabled
    60026: Fault.UNKNOWN_PERSON,  # not found (everything else)
    60027: Unavailable.NUMBER_UNSUITABLE,  # not valid
    60028: Fault.AWAY,  # could not delete
    60030: Fault.BAD_INPUT,  # parameters incorrect
    60033: Unavailable.NUMBER_UNSUITABLE,  # phone invalid
    60038: Unavailable.NUMBER_UNSUITABLE,  # e-mail invalid
    60078: Unavailable.NUMBER_UNSUITABLE,  # country code invalid
    60097: Unavailable.ACCOUNT_SUSPENDED,  # a change of phone is under way
    60106: Unavailable.ACCOUNT_SUSPENDED,  # from this application
    60107: Unavailable.ACCOUNT_SUSPENDED,  # blocked
    60127: Fault.UNKNOWN_PERSON,  # deletion pending
    60128: Fault.UNKNOWN_PERSON,  # deleted
    60130: Fault.UNKNOWN_PERSON,  # deletion under way
    60131: Fault.AWAY,  # deletion failed
    60132: Fault.AWAY,  # deletion incomplete
    # Codes.
    60019: Fault.REUSED_CODE,
    60020: Fault.WRONG_CODE,
    60118: Fault.WRONG_CODE,  # code of another authenticator app
    # Approval requests.
    60049: Unavailable.NOT_DELIVERED,  # request not found
    60050: Unavailable.APP_NOT_REGISTERED,  # person has no app
    60051: Unavailable.APP_NOT_REGISTERED,  # person has no device
    60052: Fault.AWAY,  # link error inside Authy
    60053: Unavailable.NOT_DELIVERED,  # could not send
    60054: Fault.AWAY,  # request error inside Authy
    60064: Unavailable.CHANNEL_DISABLED,  # cannot be switched on
    60066: Fault.AWAY,  # callback not saved
    60079: Unavailable.NOT_DELIVERED,  # no longer pending
    60080: Fault.BAD_INPUT,  # approval request invalid
    60087: Unavailable.APP_NOT_REGISTERED,  # device's signature invalid
    60092: Unavailable.APP_NOT_REGISTERED,  # device not found
    60129: Unavailable.APP_NOT_REGISTERED,  # device's public key not found
}

# Old answers carry no code. Their messages, in lower case and by how they begin; the longer one first.
MESSAGES: Mapping[str, int] = {
    "invalid api key": 60001,
    "rate limit exceeded": 60003,
    "phone calls are not enabled": 60006,
    "sms is not enabled": 60007,
    "user doesn't exist": 60016,
    "user has been suspended": 60017,
    "token is invalid. token was used recently": 60019,
    "token is invalid": 60020,
    "user not found": 60026,
    "user was not valid": 60027,
    "approval request not found": 60049,
}

# For an answer that says nothing we know. 401 is our key: a wrong code is told by its code, message or `token`.
STATUSES: Mapping[int, Fault] = {400: Fault.BAD_INPUT, 401: Fault.OPERATOR, 403: Fault.OPERATOR}
