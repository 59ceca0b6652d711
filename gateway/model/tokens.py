"""What auth hands out: a login under way, and a session."""

from dataclasses import dataclass, field
from datetime import datetime

# RFC 8693 sections 2.1 and 3: names of a grant and of kinds of token.
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 a name
JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt"
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 a name
# Auth0's names, which client libraries know: a code that the person has already, in place of an approval to wait for.
MFA_OTP = "http://auth0.com/oauth/grant-type/mfa-otp"
MFA_RECOVERY_CODE = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
CODE_GRANTS = (MFA_OTP, MFA_RECOVERY_CODE)


@dataclass(frozen=True)
class PartialLogin:
    """What a right password earns: `token` is the partial JWT, good for the second factor of this login only."""

    token: str = field(repr=False)
    user_id: str
    expires_in: int
    expires_at: datetime


@dataclass(frozen=True)
class Tokens:
    """A session: `access_token` for minutes, `refresh_token` (used once, rotated) for as long as the session lasts.

    `device` comes with the first ones: auth knows this device by it at the next sign-in.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    expires_at: datetime
    scope: str = ""
    device: str = field(default="", repr=False)
