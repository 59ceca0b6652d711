"""What the gateway asks in the end, and auth for the keys, described."""

from chassis.openapi import Answer, Operation, Operations
from services.twofactor import answers
from services.twofactor.api.receipts import CodeAtHandBody
from services.twofactor.model import errors

PEERS = "peers"
# Of a code in the body: what asking with it and answering by it may refuse.
OF_A_CODE = (
    errors.CodeMalformed,
    errors.WrongCode,
    errors.FactorUnknown,
    errors.NoFactor,
    errors.AccountUnknown,
    errors.ChannelUnavailable,
    errors.ChallengePending,
    errors.ChallengeClosed,
    errors.LoginFinished,
    errors.TooManyAttempts,
    errors.TooManyChallenges,
    errors.TooManyCodes,
    errors.ProviderUnavailable,
)
OPERATIONS: Operations = {
    "POST /v1/mfa/receipts": Operation(
        "Turn the approval, or a code at hand, into a receipt",
        PEERS,
        {200: Answer("The receipt; asked for again within its life, the same one.", answers.Receipt)},
        refusals=(
            errors.NotAuthenticated,
            errors.AccessDenied,
            errors.NotApprovedYet,
            errors.NothingToConfirm,
            errors.ApprovalExpired,
            *OF_A_CODE,
        ),
        body=CodeAtHandBody,
        body_is_optional=True,
        security=("partial",),
        about="For the gateway, which carries it to auth. Without a body it is the receipt of what was approved. With a"
        " code the challenge is opened, answered and consumed in this one step, each as at its own address, for codes"
        " that nobody has to send: an authenticator app's, the Authy app's, a recovery code (by `channel` or"
        " `factor_id`; with neither, an app's). The code answers the login's open challenge if that asks for it, so a"
        " wrong one leaves fewer tries to the next. Of a login that is approved or denied already no code is looked"
        " at: the answer is that without a body.",
        examples={
            "an app's code": {"code": "123456"},
            "a recovery code": {"code": "9F3K-7QWT-X0MB-42HD-ZEJ5-8NRC", "channel": "recovery"},
        },
    ),
    "GET /.well-known/jwks.json": Operation(
        "The keys of receipts", PEERS, {200: Answer("For a minute they may be kept.", answers.Keys)}
    ),
}
