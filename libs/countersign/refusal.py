"""A refusal as HTTP: status, challenge and body (RFC 6750 section 3, RFC 9470 section 3, RFC 9457)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from countersign.errors import (
    Ambiguous,
    CannotTell,
    CountersignError,
    GroupRequired,
    Insufficient,
    InsufficientAuthentication,
    InsufficientScope,
    InvalidToken,
    MissingToken,
    PersonRequired,
)


@dataclass(frozen=True)
class Refusal:
    """An answer that any server can give: `headers` as pairs, `body` a problem document with the member `error`."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class _Words:
    status: int
    error: str
    detail: str
    # What stands in WWW-Authenticate; a request without any credential is told the scheme alone (RFC 6750 section 3).
    code: str | None


_PLAIN = (("Content-Type", "application/problem+json"), ("Cache-Control", "no-store"))
_UNAVAILABLE = _Words(503, "unavailable", "The service cannot answer for the moment. Try again shortly.", None)
_WORDS: Mapping[type[CountersignError], _Words] = {
    MissingToken: _Words(401, "sign_in_required", "Send a token as Authorization: Bearer.", None),
    Ambiguous: _Words(400, "invalid_request", "Send one credential, once.", "invalid_request"),
    # One answer for every other kind: whoever forges tokens learns nothing from it.
    InvalidToken: _Words(
        401, "invalid_token", "The token is expired, revoked, or not one for this service.", "invalid_token"
    ),
    InsufficientScope: _Words(
        403, "insufficient_scope", "This needs a scope that the token has not.", "insufficient_scope"
    ),
    InsufficientAuthentication: _Words(
        401,
        "insufficient_user_authentication",
        "Confirm who you are, more strongly or again.",
        "insufficient_user_authentication",
    ),
    PersonRequired: _Words(
        403, "caller_refused", "This is for persons: a service may not do it in its own name.", None
    ),
    # Which groups would do is not told: it is nobody's business who does not belong to them.
    GroupRequired: _Words(403, "caller_refused", "This is not open to you.", None),
}


def refusal_of(error: CountersignError, realm: str) -> Refusal:
    """The answer to a request that was refused with `error`; of an unexpected kind it is 503: never let in."""
    words = next((_WORDS[kind] for kind in type(error).__mro__ if kind in _WORDS), _UNAVAILABLE)
    if words is _UNAVAILABLE:
        retry_after = error.retry_after if isinstance(error, CannotTell) else CannotTell.retry_after
        return Refusal(503, (*_PLAIN, ("Retry-After", str(retry_after))), _body(words))
    parameters = {"realm": realm}
    if words.code is not None:
        parameters |= {"error": words.code, "error_description": words.detail}
    if isinstance(error, Insufficient):
        parameters |= _wanted(error)
    challenge = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parameters.items())
    return Refusal(words.status, (*_PLAIN, ("WWW-Authenticate", challenge)), _body(words))


def _wanted(error: Insufficient) -> dict[str, str]:
    wanted = error.requirements
    if isinstance(error, InsufficientScope):
        return {"scope": " ".join(sorted(wanted.scope))}
    if not isinstance(error, InsufficientAuthentication):
        return {}
    acr = {} if wanted.acr is None else {"acr_values": wanted.acr}
    return acr if wanted.max_age is None else {**acr, "max_age": str(wanted.max_age)}


def _body(words: _Words) -> bytes:
    title = HTTPStatus(words.status).phrase
    document = {"title": title, "status": words.status, "detail": words.detail, "error": words.error}
    return json.dumps(document, separators=(",", ":")).encode()
