"""The public HTTP surface, described: what routes.py serves, and what only a person can say of it."""

from chassis.bodies import BODY_PROBLEMS
from chassis.openapi import EVENTS, Answer, Operation, Operations, Parameter, Surface
from chassis.problems import FRAMEWORK, Problem
from gateway import answers
from gateway.api.client import DEVICE
from gateway.api.sign_in import LoginBody, RegisterBody
from gateway.described_peers import (
    CHALLENGE_ID,
    CLIENT,
    KEYS,
    PARTIAL,
    RELAYED,
    SECOND,
    SERVICE,
    SESSIONS,
)
from gateway.described_refusals import NO_CLIENT, OVERLOADED, TOO_MANY_FOLLOWERS
from gateway.described_tokens import OF_TOKENS
from gateway.model import access, errors, forwarding
from gateway.problems import PROBLEMS

FIRST, PROXIES = "first factor", "for a proxy in front"
INVALID_EMAIL = Problem(400, "invalid_email", "This is not an e-mail address we can use.")
TO_ASK = (errors.NotSignedIn, errors.TokenRefused, errors.ChallengeUnknown, errors.TooManyWaiters)
DECISIONS = (
    errors.NotSignedIn,
    errors.AccessTokenRefused,
    errors.SecondFactorNeeded,
    access.CallerRefused,
    access.ScopeMissing,
    access.FreshFactorNeeded,
    access.RevocationsUnknown,
    errors.CrossSite,
    forwarding.NotForwarded,
    forwarding.AmbiguousRequest,
    forwarding.MethodRefused,
)
PREFER = Parameter("Prefer", "header", "`wait=25`: answer when it is settled, or after 25 seconds (RFC 7240)")
PREFER_LESS = Parameter("Prefer", "header", "`return=minimal`: the ways to confirm are not wanted (RFC 7240)")
DEVICE_TOKEN = Parameter(DEVICE, "header", "The `device_token` of an earlier sign-in on this device")
APPLIED = {"Preference-Applied": "`return=minimal`, where it was kept to"}
SIGN_IN = {"Location": "Where the person signs in"}
ADA = {"email": "ada@example.com", "password": "a long and winding password"}

OWN: Operations = {
    "POST /v1/users": Operation(
        "Register",
        FIRST,
        {201: Answer("A login that still lacks its factor.", answers.BegunLogin)},
        refusals=(errors.EmailTaken, errors.WeakPassword, INVALID_EMAIL, errors.LimitReached, OVERLOADED),
        body=RegisterBody,
        about="With `phone` the second factor is enrolled in the same call; why not, if not, stands in `enrolment`.",
        examples={"with a phone": {**ADA, "phone": {"country_code": "44", "number": "7700 900123"}}},
    ),
    "POST /v1/login": Operation(
        "Sign in with a password",
        FIRST,
        {
            200: Answer(
                "A login that lacks its factor, and the ways to confirm it.", answers.BegunLogin, headers=APPLIED
            )
        },
        refusals=(INVALID_EMAIL, errors.InvalidCredentials, errors.LimitReached, OVERLOADED),
        body=LoginBody,
        parameters=(DEVICE_TOKEN, PREFER_LESS),
        about="Unknown, wrong, locked or disabled: one answer for all. With a code at hand prefer `return=minimal`.",
        examples={"a person": ADA},
    ),
    "GET /v1/mfa/challenges/{id}": Operation(
        "Where a challenge stands",
        SECOND,
        {200: Answer("The challenge.", answers.Challenge, headers={"Preference-Applied": "The wait that was kept to"})},
        refusals=(*TO_ASK, errors.PolledTooSoon),
        parameters=(CHALLENGE_ID, PREFER),
        security=(PARTIAL,),
        about="Ask no more often than every `interval` seconds, or wait with `Prefer`.",
    ),
    "GET /v1/mfa/challenges/{id}/events": Operation(
        "Follow a challenge as events",
        SECOND,
        {200: Answer("Events `status`, until it is settled.", content_type=EVENTS), 204: Answer("Nothing follows.")},
        refusals=TO_ASK,
        parameters=(CHALLENGE_ID, Parameter("Last-Event-ID", "header", "The last event that was seen")),
        security=(PARTIAL,),
    ),
    "GET /v1/mfa/challenges/{id}/ws": Operation(
        "Follow a challenge over a WebSocket",
        SECOND,
        {101: Answer("The same messages; closed with 1000 once settled.")},
        refusals=(*TO_ASK, errors.CrossSite, FRAMEWORK[400]),
        parameters=(CHALLENGE_ID,),
        security=(PARTIAL,),
        about="From a browser the token goes as subprotocol `bearer.<token>` beside `countersign.v1`.",
    ),
    "GET /v1/sessions/ended": Operation(
        "Follow which sessions end",
        SESSIONS,
        {200: Answer("Events `ended`, and `caught_up` once what was known has been sent.", content_type=EVENTS)},
        refusals=(NO_CLIENT, TOO_MANY_FOLLOWERS),
        parameters=(Parameter("Last-Event-ID", "header", "The last event that was seen"),),
        security=(CLIENT, SERVICE),
        about="For services, by their credentials or their own access token; see revocation in the API's docs.",
    ),
    "GET /.well-known/gateway/jwks.json": Operation(
        "The keys of identity assertions", KEYS, {200: Answer("They may be kept for minutes.", answers.Keys)}
    ),
    "GET /authz/auth-request": Operation(
        "May this pass? (nginx)",
        PROXIES,
        {
            204: Answer("Yes, with these identity headers."),
            401: Answer("Sign in first.", headers=SIGN_IN),
            403: Answer("No."),
            503: Answer("Nobody can say now."),
        },
        is_bare=True,
        about="Asked with `X-Original-*`, by the proxies in `COUNTERSIGN_FORWARD_AUTH_PROXIES` only. No body is read.",
    ),
    "GET /authz/forward-auth": Operation(
        "May this pass? (Traefik, Caddy, HAProxy)",
        PROXIES,
        {204: Answer("Yes, with these identity headers."), 303: Answer("Sign in first.", headers=SIGN_IN)},
        refusals=DECISIONS,
        about="Asked with `X-Forwarded-*`, by the proxies in `COUNTERSIGN_FORWARD_AUTH_PROXIES` only.",
    ),
}
OPERATIONS: Operations = {**OWN, **OF_TOKENS, **RELAYED}
JWT = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
SECURITY = {
    "partial": {
        **JWT,
        "description": "A partial token: the password was right, the second factor is missing. `mfa_token` of a login.",
    },
    "access": {
        **JWT,
        "description": "An access token: a session after both factors. From `POST /oauth2/token`.",
    },
    "service": {
        **JWT,
        "description": "A service's own access token. From `POST /oauth2/token`, `client_credentials`.",
    },
    "renewal": {
        **JWT,
        "description": "A password token: both factors were right, and the password has to be another one.",
    },
    "client": {
        "type": "http",
        "scheme": "basic",
        "description": "A service's id and secret; or `client_secret`, or `private_key_jwt`, in the form.",
    },
}
SURFACE = Surface(
    "Countersign",
    "Sign-in with a second factor. Refusals carry a code in `error`; /oauth2/ speaks OAuth (RFC 6749).",
    OPERATIONS,
    {**BODY_PROBLEMS, **PROBLEMS},
    SECURITY,
    everywhere=(forwarding.AmbiguousPath, errors.InvalidInput),
    left_out={
        "* /authz/ext-authz/{path}": "Envoy asks with the method and path of the request itself: OpenAPI names neither",
        "* /{path}": "what the policy forwards is described by whoever serves it",
    },
    hidden_modules=("gateway.pages",),
)
