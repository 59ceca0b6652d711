"""A refusal as HTTP: status, challenge and body (RFC 6750 section 3, RFC 9470 section 3, RFC 9457)."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from countersign.errors import (
    Ambiguous,
    CannotTell,
    CountersignError,
    InsufficientAuthentication,
    InsufficientScope,
    InvalidToken,
    MissingToken,
)
from countersign.requirements import Requirements


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


_MISSING = _Words(401, "sign_in_required", "Send a token as Authorization: Bearer.", None)
_AMBIGUOUS = _Words(400, "invalid_request", "Send one credential, once.", "invalid_request")
_INVALID = _Words(401, "invalid_token", "The token is expired, revoked, or not one for this service.", "invalid_token")
_SCOPE = _Words(403, "insufficient_scope", "This needs a scope that the token has not.", "insufficient_scope")
_STEP_UP = _Words(
    401,
    "insufficient_user_authentication",
    "Confirm who you are, more strongly or again.",
    "insufficient_user_authentication",
)
_UNAVAILABLE = _Words(503, "unavailable", "The service cannot answer for the moment. Try again shortly.", None)


def refusal_of(error: CountersignError, realm: str) -> Refusal:
    """The answer to a request that was refused with `error`; of an unexpected kind it is 503: never let in."""
    match error:
        case MissingToken():
            return _refusal(_MISSING, realm)
        case Ambiguous():
            return _refusal(_AMBIGUOUS, realm)
        case InvalidToken():
            # One answer for every kind: whoever forges tokens learns nothing from it.
            return _refusal(_INVALID, realm)
        case InsufficientScope(requirements=requirements):
            return _refusal(_SCOPE, realm, requirements)
        case InsufficientAuthentication(requirements=requirements):
            return _refusal(_STEP_UP, realm, requirements)
        case _:
            retry_after = error.retry_after if isinstance(error, CannotTell) else CannotTell.retry_after
            return Refusal(503, (*_PLAIN, ("Retry-After", str(retry_after))), _body(_UNAVAILABLE))


def _refusal(words: _Words, realm: str, requirements: Requirements | None = None) -> Refusal:
    parameters = {"realm": realm}
    if words.code is not None:
        parameters |= {"error": words.code, "error_description": words.detail}
    if requirements is not None:
        parameters |= _wanted(words, requirements)
    challenge = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parameters.items())
    return Refusal(words.status, (*_PLAIN, ("WWW-Authenticate", challenge)), _body(words))


def _wanted(words: _Words, requirements: Requirements) -> dict[str, str]:
    if words is _SCOPE:
        return {"scope": " ".join(sorted(requirements.scope))}
    acr = {} if requirements.acr is None else {"acr_values": requirements.acr}
    return acr if requirements.max_age is None else {**acr, "max_age": str(requirements.max_age)}


_PLAIN = (("Content-Type", "application/problem+json"), ("Cache-Control", "no-store"))


def _body(words: _Words) -> bytes:
    title = HTTPStatus(words.status).phrase
    document = {"title": title, "status": words.status, "detail": words.detail, "error": words.error}
    return json.dumps(document, separators=(",", ":")).encode()
