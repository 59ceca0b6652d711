"""Paths that everybody reads alike. Whatever two readers could take for two different paths is refused."""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from gateway.model.forwarding import AmbiguousPath

# Longer paths are not remembered, or strangers could fill the memory with them.
SHORT = 256
# What may stand in a path (RFC 3986 section 3.3); the rest must be percent-encoded, and `\` is a slash to some.
_CHARACTERS = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@/%-]*\Z")
_AMBIGUOUS = re.compile(
    r"//"  # merged by some
    r"|/\.{1,2}(?=[/;]|\Z)"  # dot segments, also with parameters (`/..;/`)
    r"|%(?![0-9A-Fa-f]{2})"  # no encoding at all
    r"|%(?:[01][0-9A-F]|7F)"  # control characters
    r"|%(?:2F|5C|3B|3F|23)"  # an encoded delimiter: `/ \ ; ? #`
    r"|%25[0-9A-F]{2}"  # encoded twice
    r"|%(?:3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE]|2D|2E)",  # unreserved: equal to the plain one (section 6.2.2.2)
    re.IGNORECASE,
)


def require_plain(path: str) -> str:
    """The path, if it can be read in one way only; raises `AmbiguousPath`."""
    return _required_before(path) if len(path) <= SHORT else _require(path)


def _require(path: str) -> str:
    if not _CHARACTERS.match(path) or _AMBIGUOUS.search(path):
        raise AmbiguousPath
    if "%" in path:
        _require_utf8(path)
    return path


# The same few paths are asked for again and again; what is refused is not remembered.
_required_before = lru_cache(maxsize=4096)(_require)


def _require_utf8(path: str) -> None:
    try:
        # Overlong forms such as %C0%AE are no UTF-8, but a dot to careless readers.
        unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        raise AmbiguousPath from None
