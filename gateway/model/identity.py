"""Whose request it is, as an upstream is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Identity:
    """A confirmed session, or (`is_client`) a service in its own name, for as long as its access token lives.

    A service is no person: its `session`, `acr`, `amr` and `groups` are empty, and its `auth_time` says nothing.
    """

    subject: str
    session: str
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime
    expires_at: datetime
    client_id: str = ""
    scope: frozenset[str] = frozenset()
    is_client: bool = False
    groups: frozenset[str] = frozenset()

    def age(self, now: datetime) -> float:
        """Seconds since the person confirmed."""
        return (now - self.auth_time).total_seconds()


# All that we ever say. Whoever copies them copies all: one that has nothing to say is sent empty, over what was there.
IDENTITY_HEADERS = (
    "Countersign-User",
    "Countersign-Session",
    "Countersign-Acr",
    "Countersign-Amr",
    "Countersign-Groups",
    "Countersign-Client",
    "Countersign-Scope",
    "Countersign-Assertion",
)


def identity_headers(identity: Identity, assertion: str) -> Sequence[tuple[str, str]]:
    """The headers that only the gateway may set; those that have nothing to say are empty."""
    return (
        ("Countersign-User", "" if identity.is_client else identity.subject),
        ("Countersign-Session", identity.session),
        ("Countersign-Acr", identity.acr),
        ("Countersign-Amr", " ".join(identity.amr)),
        ("Countersign-Groups", " ".join(sorted(identity.groups))),
        ("Countersign-Client", identity.client_id if identity.is_client else ""),
        ("Countersign-Scope", " ".join(sorted(identity.scope))),
        ("Countersign-Assertion", assertion),
    )
