"""What each refusal of this service is in HTTP."""

from chassis.problems import UNAVAILABLE, Problem
from countersign import KeysUnavailable, RevocationsStale
from services.twofactor.model import errors

PROBLEMS: dict[type[Exception], Problem] = {
    errors.NotAuthenticated: Problem(401, "invalid_token", "This needs a valid token of the right kind."),
    errors.StaleSession: Problem(
        401, "insufficient_user_authentication", "Confirm who you are again, then repeat this."
    ),
    errors.SessionRequired: Problem(
        403, "session_required", "There is a second factor already. Sign in fully to add another."
    ),
    errors.EmailUnknown: Problem(409, "sign_in_again", "Sign in again, and set up a second factor on the way."),
    errors.PhoneInvalid: Problem(400, "invalid_phone", "This is not a phone number in that country that can be used."),
    errors.CountryNotServed: Problem(422, "country_not_served", "Phones of this country cannot be used here."),
    errors.TooManyAttempts: Problem(429, "too_many_attempts", "Too many attempts. Wait and try again."),
    errors.PhoneRefused: Problem(422, "phone_refused", "This number cannot be used. Check it, or try another."),
    errors.NoFactor: Problem(409, "enrolment_required", "There is no second factor yet. Set one up first."),
    errors.AccountUnknown: Problem(409, "factor_unusable", "This has to be set up again before it can be used."),
    errors.LastFactor: Problem(
        409, "last_factor", "This is your only way to confirm. Set up another one before you remove it."
    ),
    errors.FactorUnknown: Problem(404, "factor_unknown", "There is no such factor."),
    errors.ChannelUnavailable: Problem(409, "factor_unavailable", "This way does not work now. Choose another."),
    errors.ChallengeUnknown: Problem(404, "challenge_not_found", "There is no such challenge."),
    errors.ChallengePending: Problem(
        409, "challenge_pending", "There is an open challenge. Finish it or cancel it first."
    ),
    errors.LoginFinished: Problem(409, "login_finished", "This login has been confirmed already."),
    errors.TooManyChallenges: Problem(
        429, "too_many_challenges", "Too many requests were sent for this login. Sign in again."
    ),
    errors.ChallengeClosed: Problem(409, "challenge_over", "This challenge has been decided already."),
    errors.Conflict: UNAVAILABLE,
    errors.CodeMalformed: Problem(400, "code_malformed", "This is not what a code looks like."),
    errors.TooManyCodes: Problem(
        429, "too_many_codes", "Too many wrong codes. Wait, or approve on your phone instead."
    ),
    errors.CodeUnexpected: Problem(409, "code_unexpected", "No code is missing: this is answered on the phone."),
    errors.WrongCode: Problem(403, "invalid_code", "The code is not right."),
    errors.ReusedCode: Problem(403, "invalid_code", "This code was used already. Wait for the next one."),
    errors.ProviderUnavailable: Problem(
        503, "provider_unavailable", "The provider does not answer. Try again, or another way."
    ),
    errors.ForgedCallback: Problem(401, "invalid_signature", "The callback is not accepted."),
    errors.ReplayedCallback: Problem(409, "callback_replayed", "This callback has been received already."),
    errors.CallbackMismatch: Problem(409, "callback_mismatch", "This callback answers nothing that was asked."),
    errors.NotApprovedYet: Problem(409, "authorization_pending", "The login has not been approved yet."),
    errors.AccessDenied: Problem(403, "access_denied", "The login was denied."),
    errors.ApprovalExpired: Problem(410, "expired_token", "The login was not approved in time. Start again."),
    errors.NothingToConfirm: Problem(409, "invalid_grant", "There is no approval for this token."),
    KeysUnavailable: UNAVAILABLE,
    RevocationsStale: UNAVAILABLE,
}
