"""Every refusal of this service, in words of the domain. What each means in HTTP stands in `problems.py`."""

from collections.abc import Mapping
from datetime import timedelta

from services.auth.model.weakness import Weakness


class Refusal(Exception):
    """Something this service will not do. `members` go into the answer's body, `headers` beside it."""

    members: Mapping[str, object] = {}
    headers: Mapping[str, str] = {}
    retry_after: int | None = None


class InvalidEmail(Refusal):
    """Not an e-mail address that we take."""


class WeakPassword(Refusal):
    """A new password that is too short, too long, known or guessable; `reason` says which."""

    def __init__(self, reason: Weakness) -> None:
        super().__init__(reason)
        self.reason = reason
        self.members = {"reason": reason}


class EmailTaken(Refusal):
    """Somebody already has an account under this address."""


class InvalidCredentials(Refusal):
    """Unknown person, wrong password, locked or disabled: one word for all, so that nobody learns which."""


class TooManyAttempts(Refusal):
    """A limit has no room for this: too many failures of one network, accounts of it, or sessions of one account."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Overloaded(Refusal):
    """All hashing places are taken: said at once, rather than after a wait in a queue that grows."""

    retry_after = 1


class NotSignedIn(Refusal):
    """No access token that stands for an open session (RFC 6750 section 3.1)."""

    headers: Mapping[str, str] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class TokenMissing(NotSignedIn):
    """No access token at all: the challenge then carries no error code (RFC 6750 section 3.1)."""

    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}


class NotFresh(Refusal):
    """The session's second factor is too long ago for this (RFC 9470 section 3)."""

    def __init__(self, max_age: timedelta) -> None:
        super().__init__(max_age)
        wanted = f'acr_values="aal2", max_age="{int(max_age.total_seconds())}"'
        self.headers = {"WWW-Authenticate": f'Bearer error="insufficient_user_authentication", {wanted}'}


class WrongPassword(Refusal):
    """Not the current password of the person who is signed in, or too many tries: one word for both."""


class SessionUnknown(Refusal):
    """No open session of this person by that id; another person's looks the same."""


class InvalidTokenRequest(Refusal):
    """A parameter of an OAuth request is missing or not usable: `invalid_request` (RFC 6749 section 5.2)."""


class UnsupportedGrantType(Refusal):
    """A grant that is not offered, such as `password` (RFC 6749 section 5.2)."""


class InvalidGrant(Refusal):
    """A partial token, receipt or refresh token is not good, not good together, or spent (RFC 6749 section 5.2)."""


class PasswordRenewalDue(Refusal):
    """Both factors were right, but the password is in other hands: with `token` a new one is chosen.

    An error of its own beside those of RFC 6749 section 5.2, with members, as others do for a missing second factor.
    """

    def __init__(self, token: str, life: timedelta) -> None:
        super().__init__()
        self.members = {"password_token": token, "expires_in": int(life.total_seconds())}


class InvalidScope(Refusal):
    """None of the scopes asked for can be granted (RFC 6749 section 5.2)."""


class InvalidTarget(Refusal):
    """Tokens for that audience are not issued here (RFC 8693 section 2.2.2)."""


class InvalidClient(Refusal):
    """Client authentication failed, or was needed and missing (RFC 6749 section 5.2). Its text is for events only."""

    headers: Mapping[str, str] = {"WWW-Authenticate": 'Basic realm="countersign", charset="UTF-8"'}


class UnauthorizedClient(Refusal):
    """This client was not given this grant (RFC 6749 section 5.2)."""


class UnsupportedTokenType(Refusal):
    """A token that stands for no session and cannot be revoked (RFC 7009 section 2.2.1)."""


class FeedAway(Refusal):
    """The feed of ended sessions cannot be followed now: whoever asks is told so, and not that nothing ended."""

    retry_after = 1


class TooManyFollowers(Refusal):
    """As many services follow the feed through this process as may."""

    retry_after = 5
