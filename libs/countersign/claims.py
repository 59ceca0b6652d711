"""The kinds of tokens, and how the claims of each become a type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from countersign.statements import AccessToken, Assertion, Disavowal, PartialToken, Receipt, ServiceToken

__all__ = [
    "ACCESS",
    "ACCESS_AUDIENCE",
    "ASSERTED",
    "ASSERTION",
    "CALLER",
    "DISAVOWAL",
    "PARTIAL",
    "PARTIAL_AUDIENCE",
    "PASSWORD_COMPROMISED",
    "RECEIPT",
    "SERVICE",
    "AccessToken",
    "Assertion",
    "Disavowal",
    "Kind",
    "PartialToken",
    "Receipt",
    "ServiceToken",
]
T_co = TypeVar("T_co", covariant=True)
# OpenID RISC event types 1.0, section 2.7: a credential of the subject is in other hands.
PASSWORD_COMPROMISED = "https://schemas.openid.net/secevent/risc/event-type/credential-compromise"  # noqa: S105 a name
# One for all who have none: what is kept of a token is held by the thousand.
NONE: frozenset[str] = frozenset()
# Who has one of these speaks for a person; who has none, for itself.
_OF_PEOPLE = frozenset({"sid", "acr", "amr", "auth_time", "groups"})


@dataclass(frozen=True)
class Kind(Generic[T_co]):
    """A kind of token: its header's `typ`, and how its claims are read (KeyError, TypeError, ValueError if unfit).

    `late`: how long after its end it is still believed, for clocks that differ.
    """

    typ: str
    read: Callable[[Mapping[str, Any]], T_co]
    late: timedelta = timedelta(0)


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
    if not isinstance(value, list):
        raise TypeError(name)
    items = cast("list[object]", value)
    texts = tuple(item for item in items if isinstance(item, str))
    if len(texts) != len(items):
        raise TypeError(name)
    return texts


def _scope(claims: Mapping[str, Any]) -> frozenset[str]:
    said = claims.get("scope")
    return frozenset(str(said).split()) if said else NONE


def _login(claims: Mapping[str, Any]) -> dict[str, Any]:
    """What both statements about one login have in common, as their fields."""
    return {
        "subject": _text(claims, "sub"),
        "id": _text(claims, "jti"),
        "login": _text(claims, "txn"),
        "issued_at": _moment(claims, "iat"),
        "expires_at": _moment(claims, "exp"),
    }


def _partial(claims: Mapping[str, Any]) -> PartialToken:
    device = _text(claims, "device") if "device" in claims else ""
    return PartialToken(email=_text(claims, "email"), device=device, **_login(claims))


def _receipt(claims: Mapping[str, Any]) -> Receipt:
    return Receipt(partial_id=_text(claims, "pjti"), amr=_texts(claims, "amr"), **_login(claims))


def _groups(claims: Mapping[str, Any]) -> frozenset[str]:
    # Whoever belongs to no group has no such claim.
    return frozenset(_texts(claims, "groups")) if "groups" in claims else NONE


def _session(claims: Mapping[str, Any]) -> dict[str, Any]:
    """What a session's token and an assertion about it have in common, as their fields."""
    return {
        "subject": _text(claims, "sub"),
        "id": _text(claims, "jti"),
        "session": _text(claims, "sid"),
        "scope": _scope(claims),
        "acr": _text(claims, "acr"),
        "amr": _texts(claims, "amr"),
        "authenticated_at": _moment(claims, "auth_time"),
        "expires_at": _moment(claims, "exp"),
        "groups": _groups(claims),
    }


def _access(claims: Mapping[str, Any]) -> AccessToken:
    return AccessToken(client_id=_text(claims, "client_id"), **_session(claims))


def _disavowal(claims: Mapping[str, Any]) -> Disavowal:
    events = claims["events"]
    # One event, and this one: a token that says something else besides is of another kind (RFC 8417 section 2.2).
    if not isinstance(events, dict) or set(cast("dict[str, object]", events)) != {PASSWORD_COMPROMISED}:
        raise ValueError("events")
    return Disavowal(
        subject=_text(claims, "sub"),
        id=_text(claims, "jti"),
        said_at=_moment(claims, "toe"),
        expires_at=_moment(claims, "exp"),
    )


def _assertion(claims: Mapping[str, Any]) -> Assertion:
    return Assertion(**_session(claims))


def _service(claims: Mapping[str, Any]) -> ServiceToken:
    client_id = _text(claims, "client_id")
    if claims["sub"] != client_id or claims.keys() & _OF_PEOPLE:
        raise ValueError("sub")
    return ServiceToken(client_id, _text(claims, "jti"), _scope(claims), _moment(claims, "exp"))


def _caller(claims: Mapping[str, Any]) -> AccessToken | ServiceToken:
    return _access(claims) if claims.keys() & _OF_PEOPLE else _service(claims)


def _asserted(claims: Mapping[str, Any]) -> Assertion | ServiceToken:
    return _assertion(claims) if claims.keys() & _OF_PEOPLE else _service(claims)


PARTIAL: Kind[PartialToken] = Kind("mfa+jwt", _partial)
ACCESS: Kind[AccessToken] = Kind("at+jwt", _access)
# It lives for a minute and is spent once, with the partial token it is bound to: with a minute between two clocks
# it would be dead when it is born. The partial token ends by the clock of its own issuer.
RECEIPT: Kind[Receipt] = Kind("approval+jwt", _receipt, late=timedelta(seconds=90))
DISAVOWAL: Kind[Disavowal] = Kind("secevent+jwt", _disavowal)
ASSERTION: Kind[Assertion] = Kind("assertion+jwt", _assertion)
SERVICE: Kind[ServiceToken] = Kind(ACCESS.typ, _service)
# Persons and services alike.
CALLER: Kind[AccessToken | ServiceToken] = Kind(ACCESS.typ, _caller)
ASSERTED: Kind[Assertion | ServiceToken] = Kind(ASSERTION.typ, _asserted)

PARTIAL_AUDIENCE = "countersign/mfa"
ACCESS_AUDIENCE = "countersign"
