"""This service's HTTP surface, described: what routes.py serves, and what only a person can say of it."""

from chassis.bodies import BODY_PROBLEMS
from chassis.openapi import EVENTS, Answer, Operation, Operations, Parameter, Surface
from services.auth import answers
from services.auth.api.caller import DEVICE
from services.auth.api.passwords import ChangeBody, RenewBody
from services.auth.api.sign_in import PasswordBody
from services.auth.api.token import JWT_TYPE, TokenForm
from services.auth.api.tokens import OneTokenForm
from services.auth.model import errors
from services.auth.model.grant import GrantType
from services.auth.problems import PROBLEMS

ACCESS, CLIENT, RENEWAL, SERVICE, NONE = "access", "client", "renewal", "service", ""
FIRST, TOKENS, SESSIONS, KEYS = "first factor", "tokens", "sessions", "keys and metadata"
JWT = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
SECURITY = {
    ACCESS: {**JWT, "description": "An access token: a session after both factors."},
    RENEWAL: {**JWT, "description": "A password token: both factors were right, the password is to be another."},
    SERVICE: {**JWT, "description": "A service's own access token, of the grant `client_credentials`."},
    CLIENT: {
        "type": "http",
        "scheme": "basic",
        "description": "A service's id and secret; or `client_secret`, or `private_key_jwt`, in the form.",
    },
}
DEVICE_TOKEN = Parameter(DEVICE, "header", "The `device_token` of an earlier sign-in on this device")
CLIENT_REFUSED = (errors.InvalidTokenRequest, errors.InvalidClient, errors.TooManyAttempts)
SIGNED_IN = (errors.NotSignedIn,)
ADA = {"email": "ada@example.com", "password": "a long and winding password"}
OPERATIONS: Operations = {
    "POST /v1/users": Operation(
        "Register",
        FIRST,
        {201: Answer("A login that still lacks its factor.", answers.PartialLogin)},
        refusals=(
            errors.InvalidEmail,
            errors.WeakPassword,
            errors.EmailTaken,
            errors.TooManyAttempts,
            errors.Overloaded,
        ),
        body=PasswordBody,
        examples={"a person": ADA},
    ),
    "POST /v1/login": Operation(
        "Sign in with a password",
        FIRST,
        {200: Answer("A login that lacks its factor.", answers.PartialLogin)},
        refusals=(errors.InvalidEmail, errors.InvalidCredentials, errors.TooManyAttempts, errors.Overloaded),
        body=PasswordBody,
        parameters=(DEVICE_TOKEN,),
        about="Unknown, wrong, locked or disabled: one answer for all, after the same work.",
        examples={"a person": ADA},
    ),
    "POST /v1/login/password": Operation(
        "Choose a new password on the way in",
        FIRST,
        {200: Answer("A session, opened with the new password.", answers.Tokens)},
        refusals=(*SIGNED_IN, errors.WeakPassword, errors.Overloaded),
        body=RenewBody,
        examples={"a new password": {"new_password": "another long and winding password"}},
        security=(RENEWAL,),
        about="With the `password_token` of a `password_change_required`. Good once.",
    ),
    "POST /v1/users/me/password": Operation(
        "Change the password",
        FIRST,
        {204: Answer("It is changed, and the person's other sessions have ended.")},
        refusals=(
            *SIGNED_IN,
            errors.NotFresh,
            errors.WrongPassword,
            errors.WeakPassword,
            errors.TooManyAttempts,
            errors.Overloaded,
        ),
        body=ChangeBody,
        examples={
            "a new password": {
                "current_password": "a long and winding password",
                "new_password": "another long and winding password",
            }
        },
        security=(ACCESS,),
        about="From a session whose second factor is less than 5 minutes ago.",
    ),
    "POST /oauth2/token": Operation(
        "Get tokens",
        TOKENS,
        {200: Answer("A session, or a service's token.", answers.Tokens)},
        refusals=(
            errors.InvalidTokenRequest,
            errors.UnsupportedGrantType,
            errors.InvalidGrant,
            errors.PasswordRenewalDue,
            errors.InvalidScope,
            errors.InvalidTarget,
            errors.InvalidClient,
            errors.UnauthorizedClient,
            errors.TooManyAttempts,
        ),
        body=TokenForm,
        is_form=True,
        security=(NONE, CLIENT),
        about="Token exchange (RFC 8693) with the receipt the gateway adds, `refresh_token`, `client_credentials`.",
        examples={
            "exchange": {
                "grant_type": GrantType.TOKEN_EXCHANGE.value,
                "subject_token": "eyJ...",
                "subject_token_type": JWT_TYPE,
                "receipt": "eyJ...",
            },
            "refresh": {"grant_type": GrantType.REFRESH_TOKEN.value, "refresh_token": "csr_..."},
        },
    ),
    "POST /oauth2/revoke": Operation(
        "End the session of a token",
        TOKENS,
        {200: Answer("Whatever it was: it is worth nothing now.")},
        refusals=(errors.UnsupportedTokenType, *CLIENT_REFUSED),
        body=OneTokenForm,
        is_form=True,
        security=(NONE, CLIENT),
        about="RFC 7009. Holding a token is reason enough to end it; a client that names itself proves who it is.",
        examples={"a refresh token": {"token": "csr_..."}},
    ),
    "POST /oauth2/introspect": Operation(
        "What a token is worth",
        TOKENS,
        {200: Answer("`active: false` for whatever is worth nothing.", answers.Introspection)},
        refusals=CLIENT_REFUSED,
        body=OneTokenForm,
        is_form=True,
        security=(CLIENT,),
        about="RFC 7662, for services that prove who they are.",
        examples={"an access token": {"token": "eyJ..."}},
    ),
    "GET /v1/sessions": Operation(
        "Where this person is signed in",
        SESSIONS,
        {200: Answer("All open sessions.", answers.Sessions)},
        refusals=SIGNED_IN,
        security=(ACCESS,),
    ),
    "GET /v1/sessions/ended": Operation(
        "Follow which sessions end",
        SESSIONS,
        {200: Answer("Events `ended`, and `caught_up` once what was known has been sent.", content_type=EVENTS)},
        refusals=(errors.InvalidClient, errors.TooManyFollowers),
        parameters=(Parameter("Last-Event-ID", "header", "The last event that was seen"),),
        security=(CLIENT, SERVICE),
        about="For services, by their credentials or their own access token; see revocation in the API's docs.",
    ),
    "DELETE /v1/sessions": Operation(
        "End many sessions",
        SESSIONS,
        {204: Answer("They have ended.")},
        refusals=(*SIGNED_IN, errors.InvalidTokenRequest),
        parameters=(
            Parameter(
                "scope",
                "query",
                "all but the one that asks, or all",
                {"type": "string", "enum": ["others", "global"]},
                required=True,
            ),
        ),
        security=(ACCESS,),
    ),
    "DELETE /v1/sessions/current": Operation(
        "Sign out",
        SESSIONS,
        {204: Answer("This session has ended.")},
        refusals=(*SIGNED_IN, errors.SessionUnknown),
        security=(ACCESS,),
    ),
    "DELETE /v1/sessions/{sid}": Operation(
        "End a session",
        SESSIONS,
        {204: Answer("It has ended.")},
        refusals=(*SIGNED_IN, errors.SessionUnknown),
        parameters=(Parameter("sid", "path", "The session's id", {"type": "string", "format": "uuid"}),),
        security=(ACCESS,),
    ),
    "GET /.well-known/jwks.json": Operation(
        "The keys of partial and access tokens", KEYS, {200: Answer("For a minute they may be kept.", answers.Keys)}
    ),
    "GET /.well-known/oauth-authorization-server": Operation(
        "What this issuer offers", KEYS, {200: Answer("RFC 8414.", answers.Metadata)}
    ),
}
SURFACE = Surface(
    "Countersign auth",
    "Passwords, sessions, tokens. Only the gateway reaches it, and is the public address.",
    OPERATIONS,
    {**BODY_PROBLEMS, **PROBLEMS},
    SECURITY,
)
