"""What the peers refuse at the addresses that the gateway relays; a contract test holds each list to the peer's own."""

from chassis.openapi import Refused
from chassis.problems import FRAMEWORK, Problem
from gateway.model import errors

# Said as the peer says them: no page has a word for these.
STALE = Problem(401, "insufficient_user_authentication", "Confirm who you are again, then repeat this.")
SESSION_NEEDED = Problem(403, "session_required", "There is a second factor already. Sign in fully to add another.")
PHONE_INVALID = Problem(400, "invalid_phone", "This is not a phone number in that country that can be used.")
SIGN_IN_AGAIN = Problem(409, "sign_in_again", "Sign in again, and set up a second factor on the way.")
UNUSABLE = Problem(409, "factor_unusable", "This has to be set up again before it can be used.")
NO_SUCH_FACTOR = Problem(404, "factor_unknown", "There is no such factor.")
FINISHED = Problem(409, "login_finished", "This login has been confirmed already.")
TOO_MANY_CHALLENGES = Problem(429, "too_many_challenges", "Too many requests for this login. Sign in again.")
CODE_MALFORMED = Problem(400, "code_malformed", "This is not what a code looks like.")
TOO_MANY_CODES = Problem(429, "too_many_codes", "Too many wrong codes. Wait, or approve on your phone instead.")
CODE_UNEXPECTED = Problem(409, "code_unexpected", "No code is missing: this is answered on the phone.")
NO_SESSION = Problem(404, "session_unknown", "You have no open session by this id.")
NO_CLIENT = Problem(401, "invalid_client", "Client authentication failed.")
NOT_REVOCABLE = Problem(400, "unsupported_token_type", "A service's token stands for no session.")
PARAMETER = Problem(400, "invalid_request", "A parameter is missing or cannot be used here.")
OVERLOADED = Problem(503, "overloaded", "Too many people are signing in at this moment. Try again in a second.")
WRONG_PASSWORD = Problem(403, "wrong_password", "This is not your current password.")
TOO_MANY_FOLLOWERS = Problem(503, "too_many_followers", "Too many connections follow ended sessions here.")
FORGED = Problem(401, "invalid_signature", "The callback is not accepted.")
REPLAYED = Problem(409, "callback_replayed", "This callback has been received already.")
MISMATCH = Problem(409, "callback_mismatch", "This callback answers nothing that was asked.")

ENROL: tuple[Refused, ...] = (
    errors.TokenRefused,
    STALE,
    SESSION_NEEDED,
    PHONE_INVALID,
    errors.CountryNotServed,
    errors.PhoneRefused,
    SIGN_IN_AGAIN,
    errors.LimitReached,
    errors.ProviderUnavailable,
)
CONFIRM: tuple[Refused, ...] = (
    errors.TokenRefused,
    STALE,
    SESSION_NEEDED,
    SIGN_IN_AGAIN,
    CODE_MALFORMED,
    errors.InvalidCode,
    NO_SUCH_FACTOR,
)
NEW_CODES: tuple[Refused, ...] = (errors.TokenRefused, STALE, SIGN_IN_AGAIN)
OPEN: tuple[Refused, ...] = (
    errors.TokenRefused,
    NO_SUCH_FACTOR,
    errors.NoFactor,
    UNUSABLE,
    errors.ChannelUnavailable,
    errors.ChallengePending,
    FINISHED,
    TOO_MANY_CHALLENGES,
    errors.LimitReached,
    errors.ProviderUnavailable,
)
ANSWER: tuple[Refused, ...] = (
    errors.TokenRefused,
    CODE_MALFORMED,
    errors.InvalidCode,
    errors.ChallengeUnknown,
    CODE_UNEXPECTED,
    errors.ChallengeOver,
    UNUSABLE,
    errors.ChannelUnavailable,
    TOO_MANY_CODES,
    errors.ProviderUnavailable,
)
CONFIRM_LOGIN: tuple[Refused, ...] = (
    CODE_MALFORMED,
    errors.InvalidCode,
    NO_SUCH_FACTOR,
    errors.NoFactor,
    UNUSABLE,
    errors.ChannelUnavailable,
    errors.ChallengePending,
    errors.ChallengeOver,
    FINISHED,
    TOO_MANY_CODES,
    TOO_MANY_CHALLENGES,
    errors.ProviderUnavailable,
)
CALLBACK: tuple[Refused, ...] = (
    FORGED,
    errors.ChallengeUnknown,
    REPLAYED,
    MISMATCH,
    errors.LimitReached,
    FRAMEWORK[413],
)
REMOVE: tuple[Refused, ...] = (errors.TokenRefused, STALE, NO_SUCH_FACTOR, errors.LastFactor)
CANCEL: tuple[Refused, ...] = (errors.TokenRefused, errors.ChallengeUnknown, errors.ChallengeOver)
REVOKE: tuple[Refused, ...] = (PARAMETER, NOT_REVOCABLE, NO_CLIENT, errors.LimitReached)
INTROSPECT: tuple[Refused, ...] = (PARAMETER, NO_CLIENT, errors.LimitReached)
END_ONE: tuple[Refused, ...] = (errors.TokenRefused, NO_SESSION)
END_MANY: tuple[Refused, ...] = (errors.TokenRefused, PARAMETER)
TOKEN: tuple[Refused, ...] = (errors.TokenRefused,)
RENEW_PASSWORD: tuple[Refused, ...] = (errors.TokenRefused, errors.WeakPassword, OVERLOADED)
CHANGE_PASSWORD: tuple[Refused, ...] = (
    errors.TokenRefused,
    STALE,
    WRONG_PASSWORD,
    errors.WeakPassword,
    errors.LimitReached,
    OVERLOADED,
)
