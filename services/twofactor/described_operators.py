"""What auth's command line carries here, described."""

from chassis.openapi import Answer, Operation, Operations, Parameter
from services.twofactor import answers
from services.twofactor.api.operators import ReasonBody, ResetBody
from services.twofactor.model import errors

OPERATORS = "operators"
SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "auth's word for one act on one person, made by its command line; no client can have one.",
}
USER_ID = Parameter("user", "path", "The person's id", {"type": "string", "format": "uuid"})
OPERATIONS: Operations = {
    "POST /v1/mfa/users/{user}/reset": Operation(
        "Take away every factor of a person",
        OPERATORS,
        {200: Answer("They are gone, and logins that were begun are void.", answers.Reset)},
        refusals=(errors.NotAuthenticated,),
        body=ResetBody,
        parameters=(USER_ID,),
        security=("operator",),
        about="With the code and their password they sign in once, and enrol. Done twice, the second code counts.",
        examples={"a lost phone": {"reason": "ticket 4711", "by": "operator ada@host", "email": "eve@example.com"}},
    ),
    "POST /v1/mfa/users/{user}/void": Operation(
        "Void the logins that a person has begun",
        OPERATORS,
        {200: Answer("Partial tokens from before are refused, open challenges cancelled.", answers.Voided)},
        refusals=(errors.NotAuthenticated,),
        body=ReasonBody,
        parameters=(USER_ID,),
        security=("operator",),
        examples={"a person who left": {"reason": "left on Friday", "by": "operator ada@host"}},
    ),
}
