"""What the server refused, by what a caller does next. The tree is drawn in `countersign.client`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from countersign.errors import CountersignError


class ApiError(CountersignError):
    """A call that failed.

    status        of HTTP; 0 if there was no answer
    code          the `error` of the answer, for programs; `detail` is its sentence for people
    members       whatever else the answer says
    retry_after   seconds to wait before this may be tried again; None if the server did not say
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        *,
        members: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}" if detail else f"{status} {code}")
        self.status, self.code, self.detail = status, code, detail
        self.members: Mapping[str, Any] = members or {}
        self.retry_after = retry_after


class Unavailable(ApiError):
    """No answer, or none that helps: try later."""


class NotSent(Unavailable):
    """No connection came about: the server has seen nothing of this call."""


class UnexpectedAnswer(Unavailable):
    """What answered does not speak as the API does: perhaps another server, or a proxy between."""


class TooMany(ApiError):
    """Too often, or too many: wait `retry_after`."""


class InvalidRequest(ApiError):
    """What was sent cannot be used; `members["errors"]` may say where. To repeat it changes nothing."""


class NotFound(InvalidRequest):
    """There is no such challenge, factor or session of this person."""


class NotAuthenticated(ApiError):
    """The token, password or client secret is not believed."""


class NotPermitted(ApiError):
    """Who asks is known, and may not do this."""


class ConfirmAgain(ApiError):
    """This needs a session that was confirmed by a second factor, or just now (RFC 9470): sign in again."""


class EnrolmentRequired(ApiError):
    """There is no second factor that can be used: enrol a phone first."""


class FactorUnavailable(ApiError):
    """This way does not work now: choose another."""


class ChallengePending(ApiError):
    """A challenge of this login is open: finish or cancel it first."""

    @property
    def challenge_id(self) -> str:
        """The one that is open."""
        return str(self.members.get("challenge_id", ""))


class InvalidCode(ApiError):
    """The code is not right."""

    @property
    def tries_left(self) -> int | None:
        """How many codes may still be tried; None if the server did not say."""
        left = self.members.get("tries_left")
        return left if isinstance(left, int) else None


class LoginPending(ApiError):
    """Nobody has confirmed yet: wait, then exchange again."""


class NewPasswordDue(ApiError):
    """Both factors were right, but somebody else knows the password: choose another with `password_token`."""

    @property
    def password_token(self) -> str:
        """What `accounts.renew_password` takes: good once, for minutes."""
        return str(self.members.get("password_token", ""))


class LoginOver(ApiError):
    """This login leads nowhere any more: start again."""


class Denied(LoginOver):
    """The person said no."""


class LoginExpired(LoginOver):
    """Nobody answered in time."""


BY_CODE: Mapping[str, type[ApiError]] = {
    "too_many_followers": Unavailable,
    "provider_unavailable": FactorUnavailable,
    "factor_unavailable": FactorUnavailable,
    "factor_unusable": EnrolmentRequired,
    "enrolment_required": EnrolmentRequired,
    "insufficient_user_authentication": ConfirmAgain,
    "session_required": ConfirmAgain,
    "sign_in_again": LoginOver,
    "login_finished": LoginOver,
    "challenge_over": LoginOver,
    "invalid_grant": LoginOver,
    "expired_token": LoginExpired,
    "access_denied": Denied,
    "authorization_pending": LoginPending,
    "password_change_required": NewPasswordDue,
    "challenge_pending": ChallengePending,
    "invalid_code": InvalidCode,
    "invalid_client": NotAuthenticated,
    "wrong_password": NotAuthenticated,
    "factor_unknown": NotFound,
    "slow_down": TooMany,
}


def kind_of(status: int, code: str) -> type[ApiError]:
    """The class for an answer: by its code, or for a code of a later server by its status."""
    if code in BY_CODE:
        return BY_CODE[code]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable
    by_status = {401: NotAuthenticated, 403: NotPermitted, 404: NotFound, 429: TooMany}
    return by_status.get(status, InvalidRequest if status >= HTTPStatus.BAD_REQUEST else UnexpectedAnswer)
