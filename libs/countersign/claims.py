"""The four statements that travel as tokens, as types. `token.subject`, never `claims["sub"]`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class PartialToken:
    """This password was right: names one login (`login`), good for its second factor only."""

    subject: str
    id: str
    login: str
    email: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class AccessToken:
    """This is a session (RFC 9068)."""

    subject: str
    id: str
    session: str
    client_id: str
    scope: frozenset[str]
    acr: str
    amr: tuple[str, ...]
    authenticated_at: datetime
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
class Assertion:
    """This request is that person's: from the gateway to one upstream."""

    subject: str
    id: str
    session: str
    acr: str
    amr: tuple[str, ...]
    authenticated_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of token: its header's `typ`, and how its claims are read (KeyError, TypeError, ValueError if unfit)."""

    typ: str
    read: Callable[[Mapping[str, Any]], T]


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(name)
    return datetime.fromtimestamp(value, UTC)


def _texts(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = claims[name]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(name)
    return tuple(value)


def _partial(claims: Mapping[str, Any]) -> PartialToken:
    return PartialToken(
        subject=_text(claims, "sub"),
        id=_text(claims, "jti"),
        login=_text(claims, "txn"),
        email=_text(claims, "email"),
        issued_at=_moment(claims, "iat"),
        expires_at=_moment(claims, "exp"),
    )


def _access(claims: Mapping[str, Any]) -> AccessToken:
    return AccessToken(
        subject=_text(claims, "sub"),
        id=_text(claims, "jti"),
        session=_text(claims, "sid"),
        client_id=_text(claims, "client_id"),
        scope=frozenset(str(claims.get("scope", "")).split()),
        acr=_text(claims, "acr"),
        amr=_texts(claims, "amr"),
        authenticated_at=_moment(claims, "auth_time"),
        expires_at=_moment(claims, "exp"),
    )


def _receipt(claims: Mapping[str, Any]) -> Receipt:
    return Receipt(
        subject=_text(claims, "sub"),
        id=_text(claims, "jti"),
        login=_text(claims, "txn"),
        partial_id=_text(claims, "pjti"),
        amr=_texts(claims, "amr"),
        issued_at=_moment(claims, "iat"),
        expires_at=_moment(claims, "exp"),
    )


def _assertion(claims: Mapping[str, Any]) -> Assertion:
    return Assertion(
        subject=_text(claims, "sub"),
        id=_text(claims, "jti"),
        session=_text(claims, "sid"),
        acr=_text(claims, "acr"),
        amr=_texts(claims, "amr"),
        authenticated_at=_moment(claims, "auth_time"),
        expires_at=_moment(claims, "exp"),
    )


PARTIAL: Kind[PartialToken] = Kind("mfa+jwt", _partial)
ACCESS: Kind[AccessToken] = Kind("at+jwt", _access)
RECEIPT: Kind[Receipt] = Kind("approval+jwt", _receipt)
ASSERTION: Kind[Assertion] = Kind("assertion+jwt", _assertion)

PARTIAL_AUDIENCE = "countersign/mfa"
ACCESS_AUDIENCE = "countersign"
