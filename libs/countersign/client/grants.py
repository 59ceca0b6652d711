"""What the token endpoints answer, as types."""

from dataclasses import dataclass, field
from datetime import datetime

from countersign.client.members import Document, flag, moment, text, text_or_none, texts, whole


@dataclass(frozen=True)
class Grant:
    """A session's tokens (RFC 6749 section 5.1). `refresh_token` is None for a service's own token.

    device_token   with an exchange: keep it on the person's device, and hand it to the next `login` there
    """

    access_token: str = field(repr=False)
    expires_in: int
    scope: frozenset[str]
    refresh_token: str | None = field(default=None, repr=False)
    device_token: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, document: Document) -> "Grant":
        """From an answer of `POST /oauth2/token`; raises `UnexpectedAnswer`, as all of these do."""
        return cls(
            text(document, "access_token"),
            whole(document, "expires_in"),
            frozenset((text_or_none(document, "scope") or "").split()),
            text_or_none(document, "refresh_token"),
            text_or_none(document, "device_token"),
        )


@dataclass(frozen=True)
class Introspection:
    """What a token is worth right now (RFC 7662 section 2.2). Of one that is not `active` nothing else is said.

    `members` is the whole answer, for what has no field here.
    """

    active: bool
    subject: str | None
    session: str | None
    client_id: str | None
    scope: frozenset[str]
    acr: str | None
    amr: tuple[str, ...]
    expires_at: int | None
    groups: frozenset[str]
    members: Document = field(repr=False)

    @classmethod
    def read(cls, document: Document) -> "Introspection":
        """From the answer of `POST /oauth2/introspect`."""
        return cls(
            flag(document, "active"),
            text_or_none(document, "sub"),
            text_or_none(document, "sid"),
            text_or_none(document, "client_id"),
            frozenset((text_or_none(document, "scope") or "").split()),
            text_or_none(document, "acr"),
            texts(document, "amr") if "amr" in document else (),
            whole(document, "exp") if "exp" in document else None,
            frozenset(texts(document, "groups")) if "groups" in document else frozenset(),
            document,
        )


@dataclass(frozen=True)
class OpenSession:
    """One place where a person is signed in; `current` is the one that asks.

    device, place   in words, as `Firefox on Linux`, and a network without who in it; "" where unknown
    """

    id: str
    current: bool
    client_id: str
    amr: tuple[str, ...]
    authenticated_at: datetime
    opened_at: datetime
    last_used_at: datetime
    expires_at: datetime
    device: str
    place: str

    @classmethod
    def read(cls, document: Document) -> "OpenSession":
        """From an entry of `GET /v1/sessions`."""
        return cls(
            text(document, "id"),
            flag(document, "current"),
            text(document, "client_id"),
            texts(document, "amr"),
            moment(document, "authenticated_at"),
            moment(document, "opened_at"),
            moment(document, "last_used_at"),
            moment(document, "expires_at"),
            text_or_none(document, "device") or "",
            text_or_none(document, "place") or "",
        )
