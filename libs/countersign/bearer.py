"""The bearer token of a request (RFC 6750 section 2.1)."""

from multidict import CIMultiDictProxy

from countersign.errors import MissingToken


def bearer_token(headers: "CIMultiDictProxy[str]") -> str:
    """The token of the one Authorization header; raises `MissingToken`. Never read from the address or the body."""
    values = headers.getall("Authorization", [])
    if len(values) != 1:
        raise MissingToken
    scheme, _, token = values[0].partition(" ")
    if scheme.lower() != "bearer" or not token or " " in token:
        raise MissingToken
    return token
