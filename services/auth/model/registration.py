"""What a service client may be called and may be given. Every fault is a sentence for the operator who makes it."""

import re
from uuid import UUID

from services.auth.model.client import GATEWAY, ServiceClient
from services.auth.model.grant import GrantType
from services.auth.model.operating import OPERATOR

_NAME = re.compile(r"[a-z][a-z0-9._-]{1,62}\Z")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}\Z")


class Unregistrable(Exception):
    """A client that cannot be made or changed like this; the text says why."""


def require_registrable(client: ServiceClient, session_scopes: frozenset[str]) -> None:
    """Raises `Unregistrable`. `session_scopes` are what people's sessions are given."""
    if not _NAME.match(client.id) or client.id in {GATEWAY, OPERATOR}:
        raise Unregistrable(f"{client.id!r} cannot be a client's id: 2 to 63 of a-z 0-9 . _ - beginning with a letter")
    if _is_uuid(client.id):
        # RFC 9068 section 5: a client must never be taken for a person, whose id is a UUID.
        raise Unregistrable("a client's id must not be a UUID: people's ids are")
    for scope in sorted(client.scopes):
        if not _SCOPE.match(scope):
            raise Unregistrable(f"{scope!r} is not a scope (RFC 6749 section 3.3)")
        if scope in session_scopes:
            raise Unregistrable(f"scope {scope!r} belongs to people's sessions: no client has it in its own name")


def grants_named(names: list[str]) -> frozenset[GrantType]:
    """Grants by the last part of their names, e.g. `token-exchange`; raises `Unregistrable`."""
    known = {grant.rpartition(":")[2]: grant for grant in GrantType}
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise Unregistrable(f"{unknown[0]!r} is not a grant: {', '.join(known)}")
    return frozenset(known[name] for name in names)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
