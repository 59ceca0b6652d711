"""Every refusal of the gateway, in words of the domain. What each means in HTTP stands in `problems.py`."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from gateway.model.answer import PeerAnswer
from gateway.model.factor import Factor


class Refusal(Exception):
    """Something that will not be done. `members` go into the answer's body, `retry_after` (seconds) into its header.

    `answer` is what the peer said, when a peer refused: programs get it unchanged, pages read the exception.
    """

    members: Mapping[str, object] = {}
    retry_after: int | None = None
    answer: PeerAnswer | None = None


class PeerUnavailable(Refusal):
    """auth or twofactor is away, has no room, or answers nonsense: nothing was decided, try again."""

    retry_after = 1


class PeerRefused(Refusal):
    """A peer refused with a code that pages have no special word for: see `code`."""

    def __init__(self, code: str = "", detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


class InvalidInput(Refusal):
    """What was typed does not fit: `errors` by field (`email`, `password`, `phone`, ...), each a sentence."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(*errors)
        self.errors = dict(errors)
        self.members = {"errors": [{"field": field, "message": text} for field, text in errors.items()]}


class EmailTaken(Refusal):
    """There is an account with this address."""


class WeakPassword(Refusal):
    """The password will not do; `reasons` says why, each a sentence."""

    def __init__(self, reasons: Sequence[str] = ()) -> None:
        super().__init__()
        self.reasons = tuple(reasons)
        self.members = {"reasons": list(self.reasons)}


class LimitReached(Refusal):
    """Too many tries; `retry_after` says how long to wait."""


class InvalidCredentials(Refusal):
    """Wrong e-mail or password (or locked, or unknown: all the same)."""


class TokenRefused(Refusal):
    """The partial or access token is expired, spent, or never was one: begin again."""

    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class FreshLoginNeeded(Refusal):
    """The session is good but too old for this: confirm again (RFC 9470)."""


class PhoneRefused(Refusal):
    """The number cannot be enrolled."""


class CountryNotServed(PhoneRefused):
    """Phones of this country are not taken here."""


class EnrolmentOver(Refusal):
    """The app's secret was not confirmed in time, or has been: begin again."""


class NoFactor(Refusal):
    """Nothing is enrolled yet: enrol first."""


class LastFactor(Refusal):
    """It is the person's only way to confirm, and stays."""


class ChallengePending(Refusal):
    """Another challenge of this login is open: `challenge_id`."""

    def __init__(self, challenge_id: str) -> None:
        super().__init__(challenge_id)
        self.challenge_id = challenge_id
        self.members = {"challenge_id": challenge_id}


class ChallengeUnknown(Refusal):
    """There is no such challenge, or it is another login's: nobody is told which."""


class ChallengeOver(Refusal):
    """The challenge is no longer pending."""


class ChannelUnavailable(Refusal):
    """This channel does not work for this person now; `reason` is a code."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.members = {"reason": reason}


class ProviderUnavailable(Refusal):
    """The vendor is away; `factors` are those that still work."""

    retry_after = 5

    def __init__(self, factors: Sequence[Factor] = ()) -> None:
        super().__init__()
        self.factors = tuple(factors)


class InvalidCode(Refusal):
    """The code is wrong."""

    def __init__(self, tries_left: int | None = None) -> None:
        super().__init__(tries_left)
        self.tries_left = tries_left
        self.members = {"tries_left": tries_left}


class ApprovalPending(Refusal):
    """Nobody has confirmed yet (RFC 8628 section 3.5 `authorization_pending`)."""


class ApprovalDenied(Refusal):
    """The person said no (`access_denied`)."""


class ApprovalExpired(Refusal):
    """The time to confirm is over (`expired_token`)."""


class GrantRefused(Refusal):
    """Spent, revoked, or never given (`invalid_grant`)."""


class NewPasswordDue(Refusal):
    """Confirmed, but somebody else knows the password: with `token` a new one is chosen, and opens a session."""

    def __init__(self, token: str = "") -> None:
        self.token = token


class PolledTooSoon(Refusal):
    """Asked again before `interval` had passed (`slow_down`)."""

    retry_after = 1


class TooManyWaiters(Refusal):
    """This login, or this process, has as many waiting connections as it may."""

    retry_after = 5


class ReceiptFromOutside(Refusal):
    """A receipt in a request from the outside: the gateway fetches it itself."""


class CrossSite(Refusal):
    """Another site's page tried to act with this browser's session."""


class NotSignedIn(Refusal):
    """This needs a session (RFC 6750 section 3)."""

    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}


class AccessTokenRefused(NotSignedIn):
    """A bearer token came and is not a session (RFC 6750 section 3.1)."""

    headers: Mapping[str, str] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class SecondFactorNeeded(NotSignedIn):
    """The password was right, the second factor is missing (RFC 9470 section 3)."""

    headers: Mapping[str, str] = {
        "WWW-Authenticate": 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="300"'
    }
