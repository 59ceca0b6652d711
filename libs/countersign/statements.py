"""The statements that travel as tokens, as types: `token.subject`, never `claims["sub"]`. Times are in UTC."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PartialToken:
    """This password was right: names one login (`login`), good for its second factor only.

    `device`: the one it was typed on, if somebody has signed in on it before with both factors; "" for a stranger's.
    """

    subject: str
    id: str
    login: str
    email: str
    issued_at: datetime
    expires_at: datetime
    device: str = ""


@dataclass(frozen=True)
class AccessToken:
    """This is a session (RFC 9068). `groups`: what the person belonged to when it was issued (section 2.2.3.1)."""

    subject: str
    id: str
    session: str
    client_id: str
    scope: frozenset[str]
    acr: str
    amr: tuple[str, ...]
    authenticated_at: datetime
    expires_at: datetime
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ServiceToken:
    """This is a service, in its own name (RFC 9068 section 2.2): no person, no session, no level of confirmation."""

    client_id: str
    id: str
    scope: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True)
class Receipt:
    """This person approved this very request, in this way: bound to one partial token, usable once."""

    subject: str
    id: str
    login: str
    partial_id: str
    amr: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Disavowal:
    """This person says that a sign-in was not theirs: whoever tried it knows their password (RFC 8417)."""

    subject: str
    id: str
    said_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Assertion:
    """This request is that person's: from the gateway to one upstream."""

    subject: str
    id: str
    session: str
    scope: frozenset[str]
    acr: str
    amr: tuple[str, ...]
    authenticated_at: datetime
    expires_at: datetime
    groups: frozenset[str] = frozenset()
