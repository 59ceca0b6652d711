"""Why a request is not let in. The tree is drawn in `countersign`; `countersign.refusal` says what each is in HTTP."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countersign.requirements import Requirements


class CountersignError(Exception):
    """The root of all that this package raises."""


class InvalidToken(CountersignError):
    """The token proves nothing. Callers answer all kinds alike; the kind is for logs."""


class MissingToken(InvalidToken):
    """No bearer token in the request (RFC 6750 section 2.1), or more than one."""


class Ambiguous(InvalidToken):
    """Several credentials in one request: which of them counts is not ours to guess (RFC 6750 section 2)."""


class Malformed(InvalidToken):
    """Not a compact JWS of a size and form that we read."""


class WrongType(InvalidToken):
    """Another kind of token (`typ`), another algorithm, or a critical extension (RFC 8725 sections 3.1 and 3.11)."""


class WrongSignature(InvalidToken):
    """Not signed by a key that the issuer publishes."""


class WrongClaims(InvalidToken):
    """Another issuer, another audience, or claims that are missing or of the wrong kind."""


class Expired(InvalidToken):
    """Its time is over, or has not come."""


class Ended(InvalidToken):
    """Its session has ended before its time."""


class Insufficient(CountersignError):
    """The token is good, and not enough for this; `requirements` says what would be."""

    def __init__(self, requirements: "Requirements") -> None:
        super().__init__(requirements)
        self.requirements = requirements


class InsufficientScope(Insufficient):
    """It lacks a scope; to sign in again would not help (RFC 6750 section 3.1)."""


class InsufficientAuthentication(Insufficient):
    """The person has to confirm more strongly, or again (RFC 9470)."""


class PersonRequired(Insufficient):
    """A service calls in its own name where a person has to."""


class GroupRequired(Insufficient):
    """The person belongs to none of the groups that this is for."""


class CannotTell(CountersignError):
    """Nothing can be said of the token for now, which is not the token's fault: answer 503."""

    retry_after = 1


class KeysUnavailable(CannotTell):
    """The issuer's keys were never had and cannot be fetched now."""


class RevocationsStale(CannotTell):
    """Which sessions have ended has not been heard for longer than this service accepts."""
