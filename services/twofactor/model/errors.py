"""Every refusal of this service, in words of the domain. What each means in HTTP stands in `problems.py`."""

from collections.abc import Mapping

from services.twofactor.model.channel import Channel, Unavailable


class Refusal(Exception):
    """Something this service will not do. `members` go into the answer's body."""

    members: Mapping[str, object] = {}
    retry_after: int | None = None


class ProviderUnavailable(Refusal):
    """The provider did not answer, or answered nonsense: try again, or another way."""


class ProviderMisconfigured(ProviderUnavailable):
    """The provider refuses us, not the person (bad API key, suspended application): the operator must act."""


class ChannelUnavailable(Refusal):
    """This channel does not work for this person now: offer another."""

    def __init__(self, channel: Channel, reason: Unavailable, retry_after: int | None = None) -> None:
        super().__init__(channel, reason)
        self.channel, self.reason, self.retry_after = channel, reason, retry_after
        self.members = {"channel": channel, "reason": reason}


class AccountUnknown(Refusal):
    """The provider no longer knows the person: they must enrol again."""


class PhoneRefused(Refusal):
    """The number, or the e-mail with it, cannot be enrolled."""


class PhoneInvalid(Refusal):
    """No such number can exist in that country, or it is one that costs whoever is called."""


class WrongCode(Refusal):
    """The code is not right. `tries_left` is known once it has been counted."""

    def __init__(self, tries_left: int | None = None) -> None:
        super().__init__()
        self.members = {} if tries_left is None else {"tries_left": tries_left}


class ReusedCode(WrongCode):
    """The code was right once and has been used: wait for the next one."""

    def __init__(self, tries_left: int | None = None) -> None:
        super().__init__(tries_left)
        self.members = {**self.members, "reason": "reused"}


class TooManyAttempts(Refusal):
    """A limit has no room for this now: too many challenges, enrolments or forged callbacks."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class CountryNotServed(Refusal):
    """Phones of this country are not taken here: the operator has named those that are."""


class TooManyCodes(Refusal):
    """This person's codes were wrong too often lately, over all of their logins."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class CodeMalformed(Refusal):
    """Not what a code of this kind looks like: nothing was counted and nobody was asked."""


class CodeUnexpected(Refusal):
    """No code is missing: a push without one, or one whose code was right already."""


class ForgedCallback(Refusal):
    """A callback that the provider did not send, or not now, or not for this. `reason` is for the operator alone."""

    def __init__(self, reason: str = "") -> None:
        # Not an argument of the exception: whoever prints it prints the same for each of them.
        super().__init__()
        self.reason = reason


class ReplayedCallback(Refusal):
    """A callback that has already taken effect."""


class CallbackMismatch(Refusal):
    """A callback for another request or from another account than the one that was asked."""


class NotAuthenticated(Refusal):
    """No token, or none that this address believes (RFC 6750 section 3)."""

    headers: Mapping[str, str] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class StaleSession(Refusal):
    """The session is not fresh enough for this: confirm again (RFC 9470)."""

    headers: Mapping[str, str] = {
        "WWW-Authenticate": 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="300"'
    }


class SessionRequired(Refusal):
    """There is a second factor already: another one takes a fresh session, not a password alone."""


class EmailUnknown(Refusal):
    """Nothing of this person is kept that could enrol another phone: sign in again and enrol there."""


class NoFactor(Refusal):
    """This person has not enrolled a second factor yet."""


class LastFactor(Refusal):
    """It is the only one of this person. Without any, whoever knows the password could enrol a phone of their own."""


class FactorUnknown(Refusal):
    """No such factor, or not this person's."""


class ChallengeUnknown(Refusal):
    """No such challenge in this login: another login's is not told apart from none."""


class ChallengePending(Refusal):
    """This login has an open challenge: finish it or cancel it first."""

    def __init__(self, challenge_id: str) -> None:
        super().__init__(challenge_id)
        self.members = {"challenge_id": challenge_id}


class LoginFinished(Refusal):
    """This login has been confirmed and used already."""


class TooManyChallenges(Refusal):
    """This login has asked often enough: sign in again."""


class ChallengeClosed(Refusal):
    """The challenge has been decided: this comes too late."""

    def __init__(self, status: str, reason: str = "") -> None:
        super().__init__(status, reason)
        self.status = status
        self.members = {"challenge_status": status, **({"reason": reason} if reason else {})}


class Conflict(Refusal):
    """Others kept changing the same thing; it can be tried again."""

    retry_after = 1


class NotApprovedYet(Refusal):
    """The person has not answered yet (RFC 8628 section 3.5, `authorization_pending`)."""


class AccessDenied(Refusal):
    """The person, or too many wrong codes, denied this login."""


class ApprovalExpired(Refusal):
    """Nobody approved in time, or nobody used the approval in time."""


class NothingToConfirm(Refusal):
    """This login has no challenge that could be confirmed, or it was confirmed for another partial token."""
