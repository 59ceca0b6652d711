"""Groups of people: names that an operator gives, and that tokens carry (RFC 9068 section 2.2.3.1)."""

import re
from collections.abc import Iterable

# All of them stand in every token and in headers: what is longer than a token may be would shut the person out.
MOST, LONGEST = 24, 64
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:@/-]{{0,{LONGEST - 1}}}\Z")


class Ungroupable(Exception):
    """Groups that cannot be given like this; the text says why."""


def groups_named(names: Iterable[str]) -> frozenset[str]:
    """The names as groups; raises `Ungroupable`."""
    groups = frozenset(names)
    wrong = sorted(name for name in groups if not _NAME.match(name))
    if wrong:
        raise Ungroupable(f"{wrong[0]!r} is no name of a group: 1 to {LONGEST} letters, digits and . _ : @ / -")
    if len(groups) > MOST:
        raise Ungroupable(f"{len(groups)} groups are too many: a person may belong to {MOST}")
    return groups
