"""Countersign's SDK: verify its tokens in your own service.

JwksCache(session, url)           the issuer's public keys: fetched once, kept, fetched again for an unknown `kid`
Verifier(ACCESS, issuer, ...)     `await verifier.verify(text)` answers an `AccessToken` or raises

InvalidToken                      the one refusal; its kinds say why, for logs and never for the caller:
  |- MissingToken  Malformed  WrongType  WrongSignature  WrongClaims  Expired
  `- KeysUnavailable              the issuer's keys cannot be had: not the token's fault, answer 503
"""

from countersign.claims import ACCESS, ASSERTION, PARTIAL, RECEIPT, AccessToken, Assertion, PartialToken, Receipt
from countersign.errors import (
    Expired,
    InvalidToken,
    KeysUnavailable,
    Malformed,
    MissingToken,
    WrongClaims,
    WrongSignature,
    WrongType,
)
from countersign.jwks import JwksCache
from countersign.verifier import Verifier

__all__ = [
    "ACCESS",
    "ASSERTION",
    "PARTIAL",
    "RECEIPT",
    "AccessToken",
    "Assertion",
    "Expired",
    "InvalidToken",
    "JwksCache",
    "KeysUnavailable",
    "Malformed",
    "MissingToken",
    "PartialToken",
    "Receipt",
    "Verifier",
    "WrongClaims",
    "WrongSignature",
    "WrongType",
]
