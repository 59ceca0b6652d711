"""What the gateway answers about tokens and sessions, described."""

from typing import Literal

from pydantic import Field

from chassis.openapi import Shape
from gateway.answers import SECONDS, Moment


class Tokens(Shape):
    """RFC 6749 section 5.1; `issued_token_type` by RFC 8693 section 2.2.1. `client_credentials` refreshes nothing."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description=SECONDS)
    scope: str
    refresh_token: str | None = None
    issued_token_type: Literal["urn:ietf:params:oauth:token-type:access_token"] | None = None
    device_token: str | None = Field(
        None, description="With the first tokens of a session: send it as `Countersign-Device` at the next sign-in here"
    )


class Introspection(Shape):
    """RFC 7662 section 2.2: `active` alone when the token is worth nothing."""

    active: bool
    iss: str | None = None
    token_type: Literal["Bearer"] | None = None
    aud: str | None = None
    sub: str | None = None
    client_id: str | None = None
    jti: str | None = None
    sid: str | None = None
    scope: str | None = None
    exp: int | None = None
    auth_time: int | None = None
    acr: str | None = None
    amr: list[str] | None = None
    groups: list[str] | None = Field(None, description="The person's, at this moment")


class Session(Shape):
    """Where a person is signed in."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    current: bool = Field(description="Whether it is the one that asks")
    client_id: str
    amr: list[str] = Field(description="How it was opened (RFC 8176)")
    authenticated_at: str = Moment
    opened_at: str = Moment
    last_used_at: str = Moment
    expires_at: str = Moment
    device: str = Field(description="`Firefox on Linux`")
    place: str = Field(description="The network it came from; empty when not known")


class Sessions(Shape):
    """Newest first."""

    sessions: list[Session]
