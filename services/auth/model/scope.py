"""Scopes (RFC 6749 section 3.3): what a token is good for, as words."""

import re

from services.auth.model.errors import InvalidScope

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*\Z")


def granted(asked: str | None, allowed: frozenset[str]) -> frozenset[str]:
    """Of the scopes asked for those that are allowed, all allowed ones if none were named; raises `InvalidScope`."""
    if asked is None:
        return allowed
    if not _SCOPE.match(asked):
        raise InvalidScope
    both = frozenset(asked.split(" ")) & allowed
    if not both:
        raise InvalidScope
    return both


def written(scope: frozenset[str]) -> str:
    """As it stands in tokens and answers, always in the same order."""
    return " ".join(sorted(scope))
