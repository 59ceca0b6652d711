"""Whose request it is, as an upstream is told."""

from collections.abc import Iterable, Sequence
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
_LINES = "".join(f"{name}: %s\r\n" for name in IDENTITY_HEADERS)


@dataclass(frozen=True, slots=True)
class Told:
    """The headers that only the gateway may set: their values, and their lines in a message (RFC 9112 section 5)."""

    values: tuple[str, ...]
    lines: bytes

    @property
    def pairs(self) -> Iterable[tuple[str, str]]:
        """Each with its name; those that have nothing to say are empty."""
        return zip(IDENTITY_HEADERS, self.values, strict=True)


def told_of(identity: Identity, assertion: str) -> Told:
    """What is said about who it is; raises ValueError for a value that would end its line."""
    values = (
        "" if identity.is_client else identity.subject,
        identity.session,
        identity.acr,
        " ".join(identity.amr),
        " ".join(sorted(identity.groups)),
        identity.client_id if identity.is_client else "",
        " ".join(sorted(identity.scope)),
        assertion,
    )
    return Told(values, _encoded(_LINES % values, len(values)))


def header_lines(pairs: Sequence[tuple[str, str]]) -> bytes:
    """`Name: value` CR LF, each; raises ValueError for a value that would end its line."""
    return _encoded("".join([f"{name}: {value}\r\n" for name, value in pairs]), len(pairs))


def _encoded(lines: str, count: int) -> bytes:
    if not lines.count("\r") == lines.count("\n") == count:
        raise ValueError("a header of two lines")
    return lines.encode("utf-8", "surrogateescape")
