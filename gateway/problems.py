"""What each refusal of the gateway is in HTTP. Programs hear a peer's own words (api/passing.py)."""

from collections.abc import Mapping

from aiohttp import web

from chassis.problems import UNAVAILABLE, Problem
from countersign import KeysUnavailable
from gateway.model import access, errors, forwarding
from gateway.model.errors import Refusal

PROBLEMS: dict[type[Exception], Problem] = {
    errors.PeerUnavailable: UNAVAILABLE,
    errors.PeerRefused: Problem(400, "refused", "This was refused."),
    errors.InvalidInput: Problem(400, "invalid_request", "Something in the request does not fit; see errors."),
    errors.EmailTaken: Problem(409, "email_taken", "There is already an account with this address."),
    errors.WeakPassword: Problem(400, "weak_password", "This password is not strong enough; see reasons."),
    errors.LimitReached: Problem(429, "too_many_attempts", "Too many tries. Wait before the next one."),
    errors.InvalidCredentials: Problem(401, "invalid_credentials", "Wrong email or password."),
    errors.TokenRefused: Problem(401, "invalid_token", "The token is expired, spent or not one. Sign in again."),
    errors.FreshLoginNeeded: Problem(
        401, "insufficient_user_authentication", "Confirm again: this needs a session that was confirmed just now."
    ),
    errors.CountryNotServed: Problem(422, "country_not_served", "Phones of this country cannot be used here."),
    errors.PhoneRefused: Problem(422, "phone_refused", "This number cannot be enrolled."),
    errors.EnrolmentOver: Problem(404, "factor_unknown", "There is nothing to confirm. Begin again."),
    errors.LastFactor: Problem(
        409, "last_factor", "This is your only way to confirm. Set up another one before you remove it."
    ),
    errors.NoFactor: Problem(409, "enrolment_required", "Enrol a second factor first."),
    errors.ChallengePending: Problem(409, "challenge_pending", "Another challenge of this login is open."),
    errors.ChallengeUnknown: Problem(404, "challenge_not_found", "There is no such challenge."),
    errors.ChallengeOver: Problem(409, "challenge_over", "This challenge is no longer pending."),
    errors.ChannelUnavailable: Problem(409, "factor_unavailable", "This way does not work now. Choose another."),
    errors.ProviderUnavailable: Problem(503, "provider_unavailable", "The provider is away. Try again or another way."),
    errors.InvalidCode: Problem(403, "invalid_code", "The code is wrong."),
    errors.ApprovalPending: Problem(400, "authorization_pending", "Nobody has confirmed yet. Ask again in a moment."),
    errors.ApprovalDenied: Problem(400, "access_denied", "The login was denied."),
    errors.ApprovalExpired: Problem(400, "expired_token", "The time to confirm is over."),
    errors.GrantRefused: Problem(400, "invalid_grant", "The grant is spent, revoked, or was never given."),
    errors.NewPasswordDue: Problem(
        400, "password_change_required", "Choose a new password: somebody else knows the old one."
    ),
    errors.PolledTooSoon: Problem(429, "slow_down", "Ask again after `interval` seconds, or wait with Prefer: wait."),
    errors.TooManyWaiters: Problem(429, "too_many_waiters", "Too many connections wait already."),
    errors.ReceiptFromOutside: Problem(400, "invalid_request", "A receipt is not taken here: it is fetched for you."),
    forwarding.AmbiguousPath: Problem(400, "ambiguous_path", "This path could be read in more than one way."),
    forwarding.AmbiguousRequest: Problem(400, "ambiguous_request", "This request could be read in more than one way."),
    forwarding.MethodRefused: Problem(405, "method_not_allowed", "This address does not take that method."),
    forwarding.NotForwarded: Problem(404, "not_found", "There is nothing here."),
    errors.CrossSite: Problem(403, "cross_site", "Another site's page may not do this with your session."),
    errors.NotSignedIn: Problem(401, "sign_in_required", "Send a token as Authorization: Bearer."),
    errors.AccessTokenRefused: Problem(401, "invalid_token", "The access token is expired, revoked, or not one."),
    errors.SecondFactorNeeded: Problem(
        401, "insufficient_user_authentication", "The second factor is missing: exchange the partial token first."
    ),
    access.CallerRefused: Problem(403, "caller_refused", "This is not open to whoever this token stands for."),
    access.ScopeMissing: Problem(403, "insufficient_scope", "This needs a scope that the token has not."),
    access.FreshFactorNeeded: Problem(
        401, "insufficient_user_authentication", "Confirm again: this needs a session that was confirmed just now."
    ),
    access.RevocationsUnknown: Problem(
        503, "unavailable", "Nobody can say now whether this session still stands. Try again shortly."
    ),
    forwarding.UpstreamAway: Problem(502, "upstream_unreachable", "The service behind this address cannot be reached."),
    forwarding.UpstreamBroken: Problem(502, "upstream_broken", "The service behind this address broke off."),
    forwarding.UpstreamSlow: Problem(504, "upstream_timeout", "The service behind this address was too slow."),
    KeysUnavailable: UNAVAILABLE,
}


def problem_of(refusal: Refusal) -> Problem:
    """The nearest entry of the table."""
    return next(PROBLEMS[kind] for kind in type(refusal).__mro__ if kind in PROBLEMS)


def nginx_refusal(problem: Problem, _members: Mapping[str, object]) -> web.Response:
    """401 or 403 for nginx's auth_request, to which every other status is a fault of its own; it reads no body."""
    status = problem.status if problem.status == 401 or problem.status >= 500 else 403
    return web.Response(status=status)
