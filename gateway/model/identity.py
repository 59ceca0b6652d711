"""Whose request it is, as an upstream is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property


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


@dataclass(frozen=True)
class Told:
    """Headers about an identity, as pairs and as they stand in a message (RFC 9112 section 5)."""

    pairs: tuple[tuple[str, str], ...]

    @cached_property
    def lines(self) -> bytes:
        """Made once, said often; raises ValueError for a value that would end its line."""
        return header_lines(self.pairs)


def header_lines(pairs: Sequence[tuple[str, str]]) -> bytes:
    """`Name: value` CR LF, each; raises ValueError for a value that would end its line."""
    if any("\r" in value or "\n" in value for _, value in pairs):
        raise ValueError("a header of two lines")
    return "".join(f"{name}: {value}\r\n" for name, value in pairs).encode("utf-8", "surrogateescape")


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


def identity_headers(identity: Identity, assertion: str) -> tuple[tuple[str, str], ...]:
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
