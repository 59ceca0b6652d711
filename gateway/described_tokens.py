"""The token endpoint, described: what auth refuses, and in OAuth's form what twofactor does, held to both by a test."""

from chassis.openapi import Answer, Operation, Operations
from chassis.problems import Problem
from gateway import answers, answers_of_sessions
from gateway import described_refusals as refused
from gateway.api.metadata import METADATA
from gateway.api.passing import in_oauth
from gateway.api.tokens import TokenBody
from gateway.described_peers import CLIENT, KEYS, NONE, TOKENS
from gateway.model import errors
from gateway.model.tokens import JWT_TYPE, MFA_OTP, MFA_RECOVERY_CODE, TOKEN_EXCHANGE
from gateway.problems import PROBLEMS

GRANTS = tuple(
    Problem(400, code, sentence)
    for code, sentence in (
        ("unsupported_grant_type", "This grant type is not offered."),
        ("unauthorized_client", "This client may not use this grant type."),
        ("invalid_scope", "None of these scopes can be granted."),
        ("invalid_target", "Tokens for this audience or resource are not issued here."),
    )
)
# Of a code at hand: a challenge is opened, answered and used up in one step, and each of the three may be refused.
AT_HAND = tuple(
    Problem(*in_oauth(problem.status, problem.error), problem.detail)
    for problem in (each if isinstance(each, Problem) else PROBLEMS[each] for each in refused.CONFIRM_LOGIN)
)

OF_TOKENS: Operations = {
    "POST /oauth2/token": Operation(
        "Get tokens",
        TOKENS,
        {200: Answer("A session, or a service's token.", answers_of_sessions.Tokens)},
        refusals=(
            errors.ApprovalPending,
            errors.ApprovalDenied,
            errors.ApprovalExpired,
            errors.GrantRefused,
            errors.NewPasswordDue,
            errors.ReceiptFromOutside,
            errors.LimitReached,
            *AT_HAND,
            *GRANTS,
            refused.NO_CLIENT,
        ),
        body=TokenBody,
        is_form=True,
        security=(NONE, CLIENT),
        about="Token exchange (RFC 8693) of a partial token that was approved; a partial token with a code at hand (the"
        " grants `mfa-otp` and `mfa-recovery-code`, by Auth0's names); `refresh_token`; `client_credentials`. A wrong"
        " code is `invalid_code` with `tries_left`: the login stands.",
        examples={
            "exchange": {"grant_type": TOKEN_EXCHANGE, "subject_token": "eyJ...", "subject_token_type": JWT_TYPE},
            "a code of an app": {"grant_type": MFA_OTP, "mfa_token": "eyJ...", "otp": "123456"},
            "a code of Authy's app": {
                "grant_type": MFA_OTP,
                "mfa_token": "eyJ...",
                "otp": "1234567",
                "channel": "app",
            },
            "a recovery code": {
                "grant_type": MFA_RECOVERY_CODE,
                "mfa_token": "eyJ...",
                "recovery_code": "9F3K-7QWT-X0MB-42HD-ZEJ5-8NRC",
            },
            "refresh": {"grant_type": "refresh_token", "refresh_token": "csr_..."},
        },
    ),
    f"GET {METADATA}": Operation("What this issuer offers", KEYS, {200: Answer("RFC 8414.", answers.Metadata)}),
}
