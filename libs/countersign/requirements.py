"""What a handler asks of whoever calls it: how strongly and how lately they signed in, and what they may do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from countersign.claims import AccessToken, Assertion, ServiceToken
from countersign.errors import GroupRequired, InsufficientAuthentication, InsufficientScope, PersonRequired

# A person, with a token of theirs or through the gateway.
Identity = AccessToken | Assertion
Caller = Identity | ServiceToken
# NIST SP 800-63B; a stronger level satisfies a weaker one. A level that is not of these satisfies itself alone.
LEVELS: Final = ("aal1", "aal2", "aal3")
# RFC 6749 section 3.3 `scope-token`: what may stand in a quoted string without escapes.
_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


@dataclass(frozen=True)
class Requirements:
    """`acr`: the weakest level that will do. `max_age`: seconds since the person last confirmed.

    All of `scope`, and one of `groups`.
    """

    acr: str | None = None
    scope: frozenset[str] = frozenset()
    max_age: int | None = None
    groups: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not all(_TOKEN.fullmatch(text) for text in (*self.scope, *([] if self.acr is None else [self.acr]))):
            raise ValueError("acr and scopes are printable ASCII without space, quote and backslash")
        if self.max_age is not None and self.max_age < 0:
            raise ValueError("max_age is a number of seconds from 0")

    @classmethod
    def of(
        cls,
        acr: str | None = None,
        scope: str | Iterable[str] = (),
        max_age: int | None = None,
        groups: str | Iterable[str] = (),
    ) -> "Requirements":
        """From what is easily written: `scope` and `groups` are one text with spaces between, or several texts."""
        return cls(acr, _words(scope), max_age, _words(groups))

    def require(self, caller: Caller, now: datetime) -> None:
        """Raises `InsufficientScope`, `GroupRequired`, `InsufficientAuthentication`; `PersonRequired` for a service.

        Scope and groups first: nobody is asked for their phone who would be refused with it, too.
        """
        if not self.scope <= caller.scope:
            raise InsufficientScope(self)
        if self.acr is None and self.max_age is None and not self.groups:
            return
        person = self.require_person(caller)
        if self.groups and not self.groups & person.groups:
            raise GroupRequired(self)
        if self.acr is not None and not _is_as_strong(person.acr, self.acr):
            raise InsufficientAuthentication(self)
        if self.max_age is not None and (now - person.authenticated_at).total_seconds() > self.max_age:
            raise InsufficientAuthentication(self)

    def require_person(self, caller: Caller) -> Identity:
        """The caller, if it is a person; raises `PersonRequired`."""
        if isinstance(caller, ServiceToken):
            raise PersonRequired(self)
        return caller


def _words(words: str | Iterable[str]) -> frozenset[str]:
    return frozenset(words.split() if isinstance(words, str) else words)


def _is_as_strong(level: str, wanted: str) -> bool:
    if level in LEVELS and wanted in LEVELS:
        return LEVELS.index(level) >= LEVELS.index(wanted)
    return level == wanted
