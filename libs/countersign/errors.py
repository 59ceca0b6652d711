"""Why a token was not believed. Callers answer all of them alike; the kind is for logs."""


class InvalidToken(Exception):
    """The token proves nothing."""


class MissingToken(InvalidToken):
    """No bearer token in the request (RFC 6750 section 2.1), or more than one."""


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


class KeysUnavailable(Exception):
    """The issuer's keys were never had and cannot be fetched now: nothing can be said of the token."""

    retry_after = 1
