"""What each refusal of this service is in HTTP. /oauth2/ says the same codes in OAuth's own form."""

from chassis.problems import UNAVAILABLE, Problem
from countersign.errors import KeysUnavailable
from services.auth.model import errors

PROBLEMS: dict[type[Exception], Problem] = {
    errors.InvalidEmail: Problem(400, "invalid_email", "This is not an e-mail address we can use."),
    errors.WeakPassword: Problem(
        400, "weak_password", "Choose another password: 12 to 128 characters, and not one that is easily guessed."
    ),
    errors.EmailTaken: Problem(409, "email_taken", "There is already an account with this e-mail address."),
    errors.InvalidCredentials: Problem(401, "invalid_credentials", "Wrong email or password."),
    errors.TooManyAttempts: Problem(429, "too_many_attempts", "Too many attempts. Wait and try again."),
    errors.Overloaded: Problem(
        503, "overloaded", "Too many people are signing in at this moment. Try again in a second."
    ),
    errors.TokenMissing: Problem(401, "invalid_token", "Send an access token as Authorization: Bearer."),
    errors.NotSignedIn: Problem(401, "invalid_token", "The access token is not valid, or its session has ended."),
    errors.SessionUnknown: Problem(404, "session_unknown", "You have no open session by this id."),
    errors.InvalidTokenRequest: Problem(400, "invalid_request", "A parameter is missing or cannot be used here."),
    errors.UnsupportedGrantType: Problem(400, "unsupported_grant_type", "This grant type is not offered."),
    errors.InvalidGrant: Problem(
        400, "invalid_grant", "The token or receipt is not valid, has expired or was used before."
    ),
    errors.PasswordRenewalDue: Problem(
        400, "password_change_required", "Choose a new password: somebody else knows the old one."
    ),
    errors.InvalidScope: Problem(400, "invalid_scope", "None of these scopes can be granted."),
    errors.InvalidTarget: Problem(400, "invalid_target", "Tokens for this audience or resource are not issued here."),
    errors.InvalidClient: Problem(401, "invalid_client", "Client authentication failed."),
    errors.UnauthorizedClient: Problem(400, "unauthorized_client", "This client may not use this grant type."),
    errors.UnsupportedTokenType: Problem(
        400, "unsupported_token_type", "A service's token stands for no session. It expires by itself, soon."
    ),
    errors.NotFresh: Problem(401, "insufficient_user_authentication", "Confirm who you are again, then repeat this."),
    errors.WrongPassword: Problem(403, "wrong_password", "This is not your current password."),
    errors.FeedAway: UNAVAILABLE,
    errors.TooManyFollowers: Problem(
        503, "too_many_followers", "Too many connections follow ended sessions here. Try again in a moment."
    ),
    KeysUnavailable: UNAVAILABLE,
}
