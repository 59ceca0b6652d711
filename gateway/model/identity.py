"""Whose request it is, as an upstream is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Identity:
    """A confirmed session, for as long as its access token lives."""

    subject: str
    session: str
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime
    expires_at: datetime


def identity_headers(identity: Identity, assertion: str) -> Sequence[tuple[str, str]]:
    """The headers that only the gateway may set."""
    return (
        ("Countersign-User", identity.subject),
        ("Countersign-Session", identity.session),
        ("Countersign-Acr", identity.acr),
        ("Countersign-Amr", " ".join(identity.amr)),
        ("Countersign-Assertion", assertion),
    )
