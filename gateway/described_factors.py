"""A person's factors, as twofactor describes them: relayed. A contract test holds this to twofactor's own words."""

from pydantic import Field

from chassis.bodies import Body
from chassis.openapi import Answer, Operation, Operations, Parameter
from gateway import answers
from gateway import described_refusals as refused
from gateway.api.sign_in import Phone

PARTIAL, ACCESS, SECOND = "partial", "access", "second factor"
FACTOR_ID = Parameter("id", "path", "The factor's id, e.g. `push-<uuid>`: its whole phone is meant")
PENDING_ID = Parameter("id", "path", "The `id` that the secret came with", {"type": "string", "format": "uuid"})


class TotpBody(Body):
    """`{}`: there is nothing to say of an app."""


class FactorBody(Body):
    """A phone or an authenticator app, one of the two."""

    phone: Phone | None = None
    totp: TotpBody | None = None


class FirstCodeBody(Body):
    """`{"code": "123456"}`."""

    code: str = Field(max_length=64)


FACTORS: Operations = {
    "GET /v1/mfa/factors": Operation(
        "Every way to confirm",
        SECOND,
        {200: Answer("What this person has, best first.", answers.Factors)},
        refusals=refused.TOKEN,
        security=(PARTIAL, ACCESS),
    ),
    "POST /v1/mfa/factors": Operation(
        "Enrol a phone, or begin with an authenticator app",
        SECOND,
        {
            201: Answer("The phone counts: every way to confirm, the new ones among them.", answers.Factors),
            202: Answer("The app's secret. It counts once it is confirmed by a first code.", answers.BegunTotp),
        },
        refusals=refused.ENROL,
        body=FactorBody,
        security=(PARTIAL, ACCESS),
        about="`phone` or `totp`, one of the two. The first with the partial token, another with an access token,"
        " confirmed within 5 minutes.",
        examples={"a phone": {"phone": {"country_code": "44", "number": "7700 900123"}}, "an app": {"totp": {}}},
    ),
    "POST /v1/mfa/factors/{id}/confirmation": Operation(
        "Show an authenticator app's first code",
        SECOND,
        {201: Answer("It counts from now on.", answers.ConfirmedFactor)},
        refusals=refused.CONFIRM,
        body=FirstCodeBody,
        parameters=(PENDING_ID,),
        security=(PARTIAL, ACCESS),
        about="With the token of the login, or of the session, that began it. With a partial token it confirms that"
        " login too: `login_confirmed`.",
        examples={"a code": {"code": "123456"}},
    ),
    "DELETE /v1/mfa/factors/{id}": Operation(
        "Remove a factor",
        SECOND,
        {204: Answer("It is gone; of a phone, all of its channels.")},
        refusals=refused.REMOVE,
        parameters=(FACTOR_ID,),
        security=(ACCESS,),
        about="With an access token whose factor is less than 5 minutes ago.",
    ),
    "POST /v1/mfa/recovery-codes": Operation(
        "Make recovery codes, or make them anew",
        SECOND,
        {201: Answer("Ten codes, told this once.", answers.RecoveryCodes)},
        refusals=refused.NEW_CODES,
        security=(ACCESS,),
        about="With an access token whose factor is less than 5 minutes ago. Codes from before are worth nothing then."
        " No body is read.",
    ),
}
