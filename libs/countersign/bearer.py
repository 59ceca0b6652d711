"""The bearer token of a request (RFC 6750 section 2.1)."""

from multidict import CIMultiDictProxy

from countersign.errors import MissingToken


def bearer_token(headers: "CIMultiDictProxy[str]") -> str:
    """The token of the one Authorization header; raises `MissingToken`. Never read from the address or the body."""
    values = headers.getall("Authorization", [])
    if len(values) != 1:
        raise MissingToken
    return token_of(values[0])


def token_of(header: str) -> str:
    """The token in the value of an Authorization header; raises `MissingToken` for another scheme."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token or " " in token:
        raise MissingToken
    return token
