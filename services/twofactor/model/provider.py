"""What passes between us and a provider of second factors, whoever that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class PushStatus(StrEnum):
    """Where an approval request stands at the provider."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"


@dataclass(frozen=True)
class PushRequest:
    """An approval request as the person will see it."""

    message: str
    details: Mapping[str, str]
    hidden_details: Mapping[str, str]
    seconds_to_expire: int
    logo_url: str | None = None


@dataclass(frozen=True)
class PushAnswer:
    """What the provider says of an approval request, by callback or when read back.

    `reference` is the provider's id of the request, `account` the provider's id of the person who answered.
    """

    reference: str
    account: str
    status: PushStatus
    hidden_details: Mapping[str, str] = field(default_factory=dict)
