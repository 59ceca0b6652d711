"""What a peer's refusal means: the code in its body, else its status, names an error of the model."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.model import errors
from gateway.model.answer import PeerAnswer
from gateway.model.errors import Refusal
from gateway.model.factor import Factor, read_factor

Make = Callable[[Mapping[str, Any]], Refusal]
WEAKNESSES = {
    "too_short": "Use 12 characters or more.",
    "too_long": "Use 128 characters or fewer.",
    "common": "This password is on lists that attackers try first.",
    "personal": "This password has your address in it.",
    "guessable": "This password is easy to guess. Add another word or two.",
    "unchanged": "This is the password that somebody else knows. Choose a new one.",
}


def _plain(kind: Callable[[], Refusal]) -> Make:
    return lambda _document: kind()


def _invalid_input(document: Mapping[str, Any]) -> Refusal:
    found = document.get("errors")
    entries = found if isinstance(found, list) else []
    texts = {str(e.get("field", "")): str(e.get("message", "")) for e in entries if isinstance(e, dict)}
    return errors.InvalidInput(texts or {"": str(document.get("detail", ""))})


def _weak_password(document: Mapping[str, Any]) -> Refusal:
    sentence = WEAKNESSES.get(str(document.get("reason")))
    return errors.WeakPassword([sentence] if sentence else [])


def _invalid_email(_document: Mapping[str, Any]) -> Refusal:
    return errors.InvalidInput({"email": "This does not look like an e-mail address."})


def _malformed_code(_document: Mapping[str, Any]) -> Refusal:
    return errors.InvalidInput({"code": "A code has 6 to 12 digits, a recovery code 24 letters and digits."})


def _factors(document: Mapping[str, Any]) -> list[Factor]:
    found = document.get("factors")
    try:
        return [read_factor(entry) for entry in found] if isinstance(found, list) else []
    except (KeyError, TypeError):
        return []


def _channel(document: Mapping[str, Any]) -> Refusal:
    return errors.ChannelUnavailable(str(document.get("reason", "")))


def _invalid_code(document: Mapping[str, Any]) -> Refusal:
    tries = document.get("tries_left")
    return errors.InvalidCode(tries if isinstance(tries, int) else None)


BY_CODE: dict[str, Make] = {
    "invalid_request": _invalid_input,
    "invalid_email": _invalid_email,
    "weak_password": _weak_password,
    "email_taken": _plain(errors.EmailTaken),
    "invalid_credentials": _plain(errors.InvalidCredentials),
    "wrong_password": _plain(errors.InvalidCredentials),
    "too_many_attempts": _plain(errors.LimitReached),
    "invalid_token": _plain(errors.TokenRefused),
    "insufficient_user_authentication": _plain(errors.FreshLoginNeeded),
    "session_required": _plain(errors.FreshLoginNeeded),
    "sign_in_again": _plain(errors.TokenRefused),
    "invalid_phone": _plain(errors.PhoneRefused),
    "country_not_served": _plain(errors.CountryNotServed),
    "phone_refused": _plain(errors.PhoneRefused),
    "enrolment_required": _plain(errors.NoFactor),
    "last_factor": _plain(errors.LastFactor),
    "challenge_pending": lambda document: errors.ChallengePending(str(document.get("challenge_id", ""))),
    "challenge_not_found": _plain(errors.ChallengeUnknown),
    "challenge_over": _plain(errors.ChallengeOver),
    "code_unexpected": _plain(errors.ChallengeOver),
    "code_malformed": _malformed_code,
    "invalid_code": _invalid_code,
    "factor_unavailable": _channel,
    "factor_unusable": _channel,
    "factor_unknown": _channel,
    "provider_unavailable": lambda document: errors.ProviderUnavailable(_factors(document)),
    "too_many_challenges": _plain(errors.LimitReached),
    "login_finished": _plain(errors.GrantRefused),
    "authorization_pending": _plain(errors.ApprovalPending),
    "access_denied": _plain(errors.ApprovalDenied),
    "expired_token": _plain(errors.ApprovalExpired),
    "invalid_grant": _plain(errors.GrantRefused),
    "password_change_required": lambda document: errors.NewPasswordDue(str(document.get("password_token", ""))),
}
BY_STATUS: dict[int, Make] = {
    401: _plain(errors.TokenRefused),
    404: _plain(errors.ChallengeUnknown),
    429: _plain(errors.LimitReached),
    500: _plain(errors.PeerUnavailable),
    502: _plain(errors.PeerUnavailable),
    503: _plain(errors.PeerUnavailable),
    504: _plain(errors.PeerUnavailable),
}


def refusal_of(answer: PeerAnswer) -> Refusal:
    """The error that this answer (not a 2xx) stands for; it carries the answer itself for callers of the API."""
    document = answer.document
    code = str(document.get("error", ""))
    make = BY_CODE.get(code) or BY_STATUS.get(answer.status)
    refusal = make(document) if make else errors.PeerRefused(code, str(document.get("detail", "")))
    refusal.answer = answer
    refusal.retry_after = answer.retry_after() or refusal.retry_after
    return refusal


def require_success(answer: PeerAnswer) -> PeerAnswer:
    """The answer if it is a 2xx; raises what it stands for otherwise."""
    if 200 <= answer.status < 300:
        return answer
    raise refusal_of(answer)
