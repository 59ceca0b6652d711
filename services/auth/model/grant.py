"""What a client asks for at the token endpoint, and what it gets."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from services.auth.model.caller import Caller


class GrantType(StrEnum):
    """The grants that are offered."""

    TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 a name, no secret
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 a name, no secret
    CLIENT_CREDENTIALS = "client_credentials"


@dataclass(frozen=True)
class ExchangeRequest:
    """A partial token and the approval receipt for it, from an identified client (RFC 8693 section 2.1)."""

    subject_token: str
    receipt: str
    client_id: str
    scope: str | None
    caller: Caller


@dataclass(frozen=True)
class RefreshRequest:
    """A refresh token, from an identified client (RFC 6749 section 6)."""

    refresh_token: str
    client_id: str
    scope: str | None


@dataclass(frozen=True)
class Grant:
    """The answer of the token endpoint (RFC 6749 section 5.1); `device` by which this device is known from now on."""

    access_token: str
    refresh_token: str
    expires_in: timedelta
    scope: frozenset[str]
    device: str = ""


@dataclass(frozen=True)
class ServiceGrant:
    """The answer to `client_credentials`: no refresh token (RFC 6749 section 4.4.3)."""

    access_token: str
    expires_in: timedelta
    scope: frozenset[str]


@dataclass(frozen=True)
class PartialLogin:
    """A password was right: the token that allows the second factor of this login, and nothing else."""

    mfa_token: str
    expires_in: timedelta
    user_id: str
    login: str
