"""Countersign's SDK: a service protected in ten lines, and the whole API as a typed client.

    countersign             what a token says, and who is believed
    countersign.aiohttp     protect(app, trust)  @requires(...)  identity(request)
    countersign.asgi        CountersignMiddleware  @requires(...)  needs(...)  identity(): FastAPI, Starlette, any ASGI
    countersign.client      Countersign(http, url): register, sign in, exchange, refresh, sessions, introspection
    countersign.testing     Issuer: mints valid tokens, for your tests

Trust("https://id.example.com", name="payments")     whom a service believes; what the middlewares take
Guard                             the decision itself: `await guard.require(headers, requirements)`
Verifier(ACCESS, issuer, ...)     one kind of token: `await verifier.verify(text)` answers an `AccessToken` or raises
JwksCache(session, url)           the issuer's public keys: fetched once, kept, fetched again for an unknown `kid`
Revocations, FeedOfEnded          sessions that have ended before their time, known within a second

CountersignError
  |- InvalidToken                 the one refusal; its kinds say why, for logs and never for the caller:
  |    |- MissingToken  Ambiguous  Malformed  WrongType  WrongSignature  WrongClaims  Expired
  |    `- Ended                     its session has ended
  |- Insufficient                 the token is good, and not enough: .requirements
  |    |- InsufficientScope  PersonRequired  GroupRequired
  |    `- InsufficientAuthentication  step up (RFC 9470)
  |- CannotTell                   not the token's fault: answer 503
  |    |- KeysUnavailable           the issuer's keys cannot be had
  |    `- RevocationsStale          the feed was not heard for longer than accepted
  `- client.ApiError              a call of the API that failed; its tree is drawn in `countersign.client`
"""

from countersign.claims import (
    ACCESS,
    ASSERTED,
    ASSERTION,
    CALLER,
    PARTIAL,
    RECEIPT,
    SERVICE,
    AccessToken,
    Assertion,
    PartialToken,
    Receipt,
    ServiceToken,
)
from countersign.errors import (
    Ambiguous,
    CannotTell,
    CountersignError,
    Ended,
    Expired,
    GroupRequired,
    Insufficient,
    InsufficientAuthentication,
    InsufficientScope,
    InvalidToken,
    KeysUnavailable,
    Malformed,
    MissingToken,
    PersonRequired,
    RevocationsStale,
    WrongClaims,
    WrongSignature,
    WrongType,
)
from countersign.feed import FeedOfEnded
from countersign.guard import Guard
from countersign.jwks import JwksCache
from countersign.requirements import Caller, Identity, Requirements
from countersign.revocations import Revocations
from countersign.trust import Trust
from countersign.verifier import Verifier

__all__ = [
    "ACCESS",
    "ASSERTED",
    "ASSERTION",
    "CALLER",
    "PARTIAL",
    "RECEIPT",
    "SERVICE",
    "AccessToken",
    "Ambiguous",
    "Assertion",
    "Caller",
    "CannotTell",
    "CountersignError",
    "Ended",
    "Expired",
    "FeedOfEnded",
    "GroupRequired",
    "Guard",
    "Identity",
    "Insufficient",
    "InsufficientAuthentication",
    "InsufficientScope",
    "InvalidToken",
    "JwksCache",
    "KeysUnavailable",
    "Malformed",
    "MissingToken",
    "PartialToken",
    "PersonRequired",
    "Receipt",
    "Requirements",
    "Revocations",
    "RevocationsStale",
    "ServiceToken",
    "Trust",
    "Verifier",
    "WrongClaims",
    "WrongSignature",
    "WrongType",
]
