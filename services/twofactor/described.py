"""This service's HTTP surface, described: what routes.py serves, and what only a person can say of it."""

from chassis.bodies import BODY_PROBLEMS
from chassis.openapi import Answer, Operation, Operations, Parameter, Surface
from chassis.problems import FRAMEWORK
from services.twofactor import answers, described_operators, described_receipts
from services.twofactor.api.challenges import ChallengeBody, CodeBody
from services.twofactor.api.factors import FactorBody
from services.twofactor.model import errors
from services.twofactor.problems import PROBLEMS

PARTIAL, ACCESS = "partial", "access"
FACTORS, CHALLENGES, PEERS = "factors", "challenges", "peers"
SECURITY = {
    PARTIAL: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A partial token: the password was right, the second factor is missing.",
    },
    ACCESS: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token: a session after both factors.",
    },
    "operator": described_operators.SCHEME,
}
CHALLENGE_ID = Parameter("id", "path", "The challenge's id", {"type": "string", "format": "uuid"})
FACTOR_ID = Parameter("id", "path", "The factor's id, e.g. `push-<uuid>`: its whole phone is meant")
PENDING_ID = Parameter("id", "path", "The `id` that the secret came with", {"type": "string", "format": "uuid"})
MAY_ENROL = (errors.NotAuthenticated, errors.StaleSession, errors.SessionRequired, errors.EmailUnknown)
OPERATIONS: Operations = {
    "GET /v1/mfa/factors": Operation(
        "Every way to confirm",
        FACTORS,
        {200: Answer("What this person has, best first.", answers.Factors)},
        refusals=(errors.NotAuthenticated,),
        security=(PARTIAL, ACCESS),
    ),
    "POST /v1/mfa/factors": Operation(
        "Enrol a phone, or begin with an authenticator app",
        FACTORS,
        {
            201: Answer("The phone counts: every way to confirm, the new ones among them.", answers.Factors),
            202: Answer("The app's secret. It counts once it is confirmed by a first code.", answers.BegunTotp),
        },
        refusals=(
            *MAY_ENROL,
            errors.PhoneInvalid,
            errors.CountryNotServed,
            errors.PhoneRefused,
            errors.TooManyAttempts,
            errors.ProviderUnavailable,
        ),
        body=FactorBody,
        security=(PARTIAL, ACCESS),
        about="`phone` or `totp`, one of the two. The first with the partial token, another with an access token,"
        " confirmed within 5 minutes.",
        examples={"a phone": {"phone": {"country_code": "44", "number": "7700 900123"}}, "an app": {"totp": {}}},
    ),
    "POST /v1/mfa/factors/{id}/confirmation": Operation(
        "Show an authenticator app's first code",
        FACTORS,
        {201: Answer("It counts from now on.", answers.ConfirmedFactor)},
        refusals=(*MAY_ENROL, errors.CodeMalformed, errors.WrongCode, errors.FactorUnknown),
        body=CodeBody,
        parameters=(PENDING_ID,),
        security=(PARTIAL, ACCESS),
        about="With the token of the login, or of the session, that began it. With a partial token it confirms that"
        " login too: `login_confirmed`.",
        examples={"a code": {"code": "123456"}},
    ),
    "DELETE /v1/mfa/factors/{id}": Operation(
        "Remove a factor",
        FACTORS,
        {204: Answer("It is gone; of a phone, all of its channels.")},
        refusals=(errors.NotAuthenticated, errors.StaleSession, errors.FactorUnknown, errors.LastFactor),
        parameters=(FACTOR_ID,),
        security=(ACCESS,),
        about="With an access token whose factor is less than 5 minutes ago. Never the last one.",
    ),
    "POST /v1/mfa/recovery-codes": Operation(
        "Make recovery codes, or make them anew",
        FACTORS,
        {201: Answer("Ten codes, told this once.", answers.RecoveryCodes)},
        refusals=(errors.NotAuthenticated, errors.StaleSession, errors.EmailUnknown),
        security=(ACCESS,),
        about="With an access token whose factor is less than 5 minutes ago. Codes from before are worth nothing then."
        " No body is read.",
    ),
    "POST /v1/mfa/challenges": Operation(
        "Ask the person to confirm",
        CHALLENGES,
        {201: Answer("The challenge, sent.", answers.Challenge)},
        refusals=(
            errors.NotAuthenticated,
            errors.FactorUnknown,
            errors.NoFactor,
            errors.AccountUnknown,
            errors.ChannelUnavailable,
            errors.ChallengePending,
            errors.LoginFinished,
            errors.TooManyChallenges,
            errors.TooManyAttempts,
            errors.ProviderUnavailable,
        ),
        body=ChallengeBody,
        security=(PARTIAL,),
        about="By `factor_id` or by `channel`, one of the two. A login has one open challenge at a time.",
        examples={"a push": {"channel": "push"}},
    ),
    "GET /v1/mfa/challenges/{id}": Operation(
        "Where a challenge stands",
        CHALLENGES,
        {200: Answer("The challenge.", answers.Challenge)},
        refusals=(errors.NotAuthenticated, errors.ChallengeUnknown),
        parameters=(CHALLENGE_ID,),
        security=(PARTIAL,),
    ),
    "DELETE /v1/mfa/challenges/{id}": Operation(
        "Cancel a challenge",
        CHALLENGES,
        {204: Answer("It is cancelled; whatever the phone says later opens nothing.")},
        refusals=(errors.NotAuthenticated, errors.ChallengeUnknown, errors.ChallengeClosed),
        parameters=(CHALLENGE_ID,),
        security=(PARTIAL,),
        about="The challenge stays readable, as `cancelled`. Doing it twice is once.",
    ),
    "POST /v1/mfa/challenges/{id}/code": Operation(
        "Answer with a code",
        CHALLENGES,
        {200: Answer("The challenge: approved, or waiting for the phone alone.", answers.Challenge)},
        refusals=(
            errors.NotAuthenticated,
            errors.CodeMalformed,
            errors.WrongCode,
            errors.ChallengeUnknown,
            errors.CodeUnexpected,
            errors.ChallengeClosed,
            errors.AccountUnknown,
            errors.ChannelUnavailable,
            errors.TooManyCodes,
            errors.ProviderUnavailable,
        ),
        body=CodeBody,
        parameters=(CHALLENGE_ID,),
        security=(PARTIAL,),
        about="The last wrong code denies the challenge; `tries_left` counts down to it. A push whose `binding_method`"
        " is `prompt` takes the number that stands in it, before or after it is approved: it needs both.",
        examples={"a code": {"code": "1234567"}, "a recovery code": {"code": "9F3K-7QWT-X0MB-42HD-ZEJ5-8NRC"}},
    ),
    **described_receipts.OPERATIONS,
    "POST /v1/mfa/disavowals": Operation(
        "Say that it was not you",
        CHALLENGES,
        {202: Answer("Written down: all sessions of the person end in a moment, this one too.")},
        refusals=(errors.NotAuthenticated,),
        security=(ACCESS,),
        about="Pushes are paused, and the next sign-in asks for a new password. A denial on the phone means the same.",
    ),
    "POST /callbacks/authy": Operation(
        "Authy says what the person answered",
        PEERS,
        {200: Answer("It took effect, or came too late to.", answers.Thanks)},
        refusals=(
            errors.ForgedCallback,
            errors.ChallengeUnknown,
            errors.ReplayedCallback,
            errors.CallbackMismatch,
            errors.TooManyAttempts,
            FRAMEWORK[413],
        ),
        about="JSON as Authy sends it, believed for its signature over method, address and body.",
    ),
    **described_operators.OPERATIONS,
}
SURFACE = Surface(
    "Countersign twofactor",
    "The second factor: phones, apps, challenges, receipts. Only the gateway reaches it, and is the public address.",
    OPERATIONS,
    {**BODY_PROBLEMS, **PROBLEMS},
    SECURITY,
)
