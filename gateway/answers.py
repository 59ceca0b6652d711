"""What the gateway answers, member by member, for its description: its own and its peers' (held to theirs)."""

from typing import Literal

from pydantic import ConfigDict, Field

from chassis.openapi import Shape

Channel = Literal["push", "app", "sms", "voice", "totp", "recovery"]
Status = Literal["pending", "approved", "denied", "expired", "cancelled", "consumed"]
Moment = Field(description="RFC 3339, UTC", json_schema_extra={"format": "date-time"})
SECONDS = "Seconds"


class Factor(Shape):
    """A way to confirm: one channel of one phone, an authenticator app, or the recovery codes."""

    id: str = Field(description="The channel and what it belongs to: `push-<uuid>`")
    type: Literal["oob", "otp", "recovery-code"] = Field(
        description="oob: we reach out to the person; otp, recovery-code: they have the code already"
    )
    channel: Channel
    name: str = Field(description="A phone's number, masked: `+44 ... 12`; else what kind it is")
    preferred: bool = Field(description="What to offer first")
    provider: str = Field(description="The vendor; `totp` and `recovery` need none")
    available: bool
    reason: str | None = Field(None, description="Why it does not work now; `unknown`: it may be tried")
    retry_after: int | None = Field(None, ge=1, description="Seconds after which it may work again, if known")
    left: int | None = Field(None, ge=0, description="Recovery codes that can be used yet")


class Factors(Shape):
    """Every way to confirm that this person has."""

    factors: list[Factor]


class BegunTotp(Shape):
    """A secret for an authenticator app, told this once. It counts once the app has shown a first code."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    secret: str = Field(description="Base32, to type where there is no camera")
    uri: str = Field(description="`otpauth://totp/...`, for a QR code")
    expires_in: int = Field(description="Seconds in which to confirm it")


class ConfirmedFactor(Shape):
    """The factor counts now."""

    factors: list[Factor]
    login_confirmed: bool = Field(
        description="Whether the login that it was enrolled in is confirmed by it, and can be exchanged"
    )


class RecoveryCodes(Shape):
    """Ten codes, told this once. All that were there before are worth nothing now."""

    codes: list[str]


class NotEnrolled(Shape):
    """Why the phone was not enrolled, though the account stands."""

    model_config = ConfigDict(extra="allow")

    status: int
    error: str
    detail: str


class BegunLogin(Shape):
    """A login that lacks its second factor."""

    status: Literal["mfa_required", "enrolment_required"] | None = Field(
        None, description="What comes next; left out with `factors` where `Prefer: return=minimal` was kept to"
    )
    mfa_token: str = Field(description="The partial token: it opens nothing, it only allows to ask for the factor")
    expires_in: int = Field(description=SECONDS)
    user_id: str = Field(json_schema_extra={"format": "uuid"})
    factors: list[Factor] | None = None
    enrolment: NotEnrolled | None = None


class Context(Shape):
    """What the person compares with their phone."""

    service: str
    place: str = Field(description="The network as people know it; `not known` where the operator has not named it")
    browser: str
    address: str
    time: str = Moment


class Challenge(Shape):
    """One request to one person to confirm one login."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    channel: Channel
    factor_id: str
    name: str = Field(description="The number, masked")
    status: Status
    waiting_for: list[Literal["phone", "code"]] = Field(
        description="What a pending challenge lacks: the approval on the phone, the code typed here, or both"
    )
    reason: str | None = Field(description="Why it ended, where there is more to say than its status")
    created_at: str = Moment
    updated_at: str = Moment
    expires_at: str = Moment
    expires_in: int = Field(ge=0, description="Seconds that are left")
    interval: int = Field(description="Seconds between two looks of a client that polls")
    binding_method: Literal["none", "prompt"] = Field(
        description="prompt: the push carries a number that is typed here, as well as approved there"
    )
    delivery: Literal["push", "sent", "open_app", "none"] = Field(
        description="sent: a text or call went out; open_app: the code stands in Authy's app; none: it always does"
    )
    tries_left: int = Field(ge=0)
    context: Context


class Thanks(Shape):
    """What Authy is told."""

    success: Literal[True]


class Key(Shape):
    """A public key (RFC 7517 section 4)."""

    kty: Literal["EC", "OKP"]
    crv: str
    x: str
    y: str | None = None
    kid: str
    alg: str
    use: Literal["sig"]


class Keys(Shape):
    """RFC 7517 section 5."""

    keys: list[Key]


class Metadata(Shape):
    """RFC 8414 section 2."""

    model_config = ConfigDict(extra="allow")

    issuer: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    jwks_uri: str
    response_types_supported: list[str]
    grant_types_supported: list[str]
    scopes_supported: list[str]
