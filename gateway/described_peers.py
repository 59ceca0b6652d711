"""The public addresses that the gateway relays, described. A contract test holds them to the peers' own."""

from pydantic import ConfigDict, Field

from chassis.bodies import Body
from chassis.openapi import Answer, Operation, Operations, Parameter
from gateway import answers, answers_of_sessions
from gateway import described_refusals as refused
from gateway.described_factors import FACTORS

PARTIAL, ACCESS, CLIENT, RENEWAL, SERVICE, NONE = "partial", "access", "client", "renewal", "service", ""
ACCOUNT, SECOND, SESSIONS, TOKENS, KEYS, AUTHY = (
    "account",
    "second factor",
    "sessions",
    "tokens",
    "keys and metadata",
    "Authy",
)
CHALLENGE_ID = Parameter("id", "path", "The challenge's id", {"type": "string", "format": "uuid"})
SESSION_ID = Parameter("id", "path", "The session's id, or `current`")
SCOPE = Parameter(
    "scope",
    "query",
    "all but the one that asks, or all",
    {"type": "string", "enum": ["others", "global"]},
    required=True,
)


class RenewBody(Body):
    """The new password; who may choose it says the token."""

    new_password: str = Field(max_length=1024, repr=False)


class ChangeBody(Body):
    """Another password, and the one that is to be replaced."""

    current_password: str = Field(max_length=1024, repr=False)
    new_password: str = Field(max_length=1024, repr=False)


class ChallengeBody(Body):
    """`{"factor_id": "push-..."}` or `{"channel": "push"}`."""

    factor_id: str | None = Field(None, max_length=64)
    channel: answers.Channel | None = None


class CodeBody(Body):
    """`{"code": "1234567"}`."""

    code: str = Field(max_length=64)


class OneTokenForm(Body):
    """A token of any kind, and who asks about it if not told by `Authorization`; others are ignored."""

    model_config = ConfigDict(extra="ignore")

    client_id: str | None = None
    client_secret: str | None = None
    client_assertion_type: str | None = None
    client_assertion: str | None = None
    token: str | None = None


def _keys(what: str) -> Operation:
    return Operation(what, KEYS, {200: Answer("They may be kept for a minute or longer.", answers.Keys)})


RELAYED: Operations = {
    "POST /v1/login/password": Operation(
        "Choose a new password on the way in",
        ACCOUNT,
        {200: Answer("A session, opened with the new password.", answers_of_sessions.Tokens)},
        refusals=refused.RENEW_PASSWORD,
        body=RenewBody,
        examples={"a new password": {"new_password": "another long and winding password"}},
        security=(RENEWAL,),
        about="With the `password_token` of an exchange that was answered `password_change_required`. Good once.",
    ),
    "POST /v1/mfa/disavowals": Operation(
        "Say that it was not you",
        SECOND,
        {202: Answer("Written down: all sessions of the person end in a moment, this one too.")},
        refusals=refused.TOKEN,
        security=(ACCESS,),
        about="Pushes are paused, and the next sign-in asks for a new password. A denial on the phone means the same.",
    ),
    "POST /v1/users/me/password": Operation(
        "Change the password",
        ACCOUNT,
        {204: Answer("It is changed, and the person's other sessions have ended.")},
        refusals=refused.CHANGE_PASSWORD,
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
    **FACTORS,
    "POST /v1/mfa/challenges": Operation(
        "Ask the person to confirm",
        SECOND,
        {201: Answer("The challenge, sent.", answers.Challenge)},
        refusals=refused.OPEN,
        body=ChallengeBody,
        security=(PARTIAL,),
        about="By `factor_id` or by `channel`, one of the two. A login has one open challenge at a time.",
        examples={"a push": {"channel": "push"}},
    ),
    "POST /v1/mfa/challenges/{id}/code": Operation(
        "Answer with a code",
        SECOND,
        {200: Answer("The challenge, approved.", answers.Challenge)},
        refusals=refused.ANSWER,
        body=CodeBody,
        parameters=(CHALLENGE_ID,),
        security=(PARTIAL,),
        about="The last wrong code denies the challenge; `tries_left` counts down to it. A push whose `binding_method`"
        " is `prompt` takes the number that stands in it, before or after it is approved: it needs both.",
        examples={"a code": {"code": "1234567"}, "a recovery code": {"code": "9F3K-7QWT-X0MB-42HD-ZEJ5-8NRC"}},
    ),
    "DELETE /v1/mfa/challenges/{id}": Operation(
        "Cancel a challenge",
        SECOND,
        {204: Answer("It is cancelled; whatever the phone says later opens nothing.")},
        refusals=refused.CANCEL,
        parameters=(CHALLENGE_ID,),
        security=(PARTIAL,),
        about="The challenge stays readable, as `cancelled`. Doing it twice is once.",
    ),
    "POST /callbacks/authy": Operation(
        "Authy says what the person answered",
        AUTHY,
        {200: Answer("It took effect, or came too late to.", answers.Thanks)},
        refusals=refused.CALLBACK,
        about="JSON as Authy sends it, believed for its signature over method, address and body.",
    ),
    "POST /oauth2/revoke": Operation(
        "End the session of a token",
        TOKENS,
        {200: Answer("Whatever it was: it is worth nothing now.")},
        refusals=refused.REVOKE,
        body=OneTokenForm,
        is_form=True,
        security=(NONE, CLIENT),
        about="RFC 7009. Holding a token is reason enough to end it; a client that names itself proves who it is.",
        examples={"a refresh token": {"token": "csr_..."}},
    ),
    "POST /oauth2/introspect": Operation(
        "What a token is worth",
        TOKENS,
        {200: Answer("`active: false` for whatever is worth nothing.", answers_of_sessions.Introspection)},
        refusals=refused.INTROSPECT,
        body=OneTokenForm,
        is_form=True,
        security=(CLIENT,),
        about="RFC 7662, for services that prove who they are.",
        examples={"an access token": {"token": "eyJ..."}},
    ),
    "GET /v1/sessions": Operation(
        "Where this person is signed in",
        SESSIONS,
        {200: Answer("All open sessions.", answers_of_sessions.Sessions)},
        refusals=refused.TOKEN,
        security=(ACCESS,),
    ),
    "DELETE /v1/sessions": Operation(
        "End many sessions",
        SESSIONS,
        {204: Answer("They have ended.")},
        refusals=refused.END_MANY,
        parameters=(SCOPE,),
        security=(ACCESS,),
    ),
    "DELETE /v1/sessions/{id}": Operation(
        "End a session",
        SESSIONS,
        {204: Answer("It has ended.")},
        refusals=refused.END_ONE,
        parameters=(SESSION_ID,),
        security=(ACCESS,),
    ),
    "GET /.well-known/jwks.json": _keys("The keys of partial and access tokens"),
    "GET /.well-known/approvals/jwks.json": _keys("The keys of approval receipts"),
}
