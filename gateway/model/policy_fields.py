"""The fields of a rule: what each may hold, and what may not stand together."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.model.forwarding import AmbiguousPath
from gateway.model.path import require_plain
from gateway.model.policy import PAGES, RESERVED, Require, is_under

LONGEST_AGE = 30 * 86400
_UPSTREAM = re.compile(r"https?://[A-Za-z0-9.\-_\[\]:]+(/[A-Za-z0-9._~/-]*)?\Z")
_NAME = re.compile(r"[A-Za-z0-9._:/-]{1,100}\Z")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?\Z|\[[0-9A-Fa-f:.]+\]\Z")
# RFC 9110 section 9.1: a token, case matters. In practice all are upper case, and `get` is a mistake.
_METHOD = re.compile(r"[A-Z][A-Z-]{0,30}\Z")
# RFC 6749 section 3.3 `scope-token`.
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}\Z")
_GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,63}\Z")
_CLIENT = re.compile(r"[A-Za-z0-9._~-]{1,100}\Z")


def _path_fault(path: str) -> str | None:
    try:
        require_plain(path)
    except AmbiguousPath:
        return "must be a plain path that starts with /"
    if "%" in path or ";" in path or (path != "/" and path.endswith(("/", "."))):
        return "must have no % or ; and no / or . at its end"
    return _own_fault(path, PAGES)


def _own_fault(path: str, reserved: Sequence[str]) -> str | None:
    own = next((own for own in reserved if is_under(path.lower(), own)), None)
    return f"{own} is the gateway's own" if own else None


def _text(pattern: re.Pattern[str], words: str) -> Callable[[str], str | None]:
    return lambda value: None if pattern.match(value) else words


def _each(pattern: re.Pattern[str], words: str) -> Callable[[list[Any]], str | None]:
    def fault(values: list[Any]) -> str | None:
        if not values or not all(isinstance(value, str) and pattern.match(value) for value in values):
            return words
        return "names something twice" if len(set(values)) != len(values) else None

    return fault


_Fault = Callable[[Any], str | None]
FIELDS: Mapping[str, tuple[type, _Fault]] = {
    "prefix": (str, _path_fault),
    "path": (str, _path_fault),
    "host": (str, _text(_HOST, "must be a host name without scheme and port")),
    "methods": (list, _each(_METHOD, 'must be a list of methods in capitals, e.g. ["GET", "POST"]')),
    "upstream": (str, _text(_UPSTREAM, "must be http(s)://host[:port][/path]")),
    "name": (str, _text(_NAME, "must be 1 to 100 letters, digits or . _ : / -")),
    "require": (str, lambda value: None if value in set(Require) else f"must be one of: {', '.join(Require)}"),
    "scopes": (list, _each(_SCOPE, 'must be a list of scopes, e.g. ["invoices:read"]')),
    "clients": (list, _each(_CLIENT, 'must be a list of client ids, e.g. ["billing"]')),
    "groups": (list, _each(_GROUP, 'must be a list of groups of people, e.g. ["accounting"]')),
    "max_age": (int, lambda value: None if 0 < value <= LONGEST_AGE else f"must be 1 to {LONGEST_AGE} seconds"),
    "strip_prefix": (bool, lambda _value: None),
}
_KINDS = {str: "a text", bool: "true or false", list: "a list", int: "a whole number"}


def fault_of(field: str, value: object) -> str | None:
    """What is wrong with the value of this field, if anything is."""
    kind, fault = FIELDS[field]
    return fault(value) if type(value) is kind else f"must be {_KINDS[kind]}"


def faults_together(entry: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with fields that are right each by itself."""
    require = Require(entry["require"])
    faults = {}
    if require is Require.ANONYMOUS:
        asked = [field for field in ("scopes", "clients", "groups", "max_age") if field in entry]
        faults = dict.fromkeys(asked, 'asks something of callers, but require = "anonymous" lets everybody in')
    if require is Require.CLIENT and "clients" not in entry:
        faults["clients"] = 'is missing: require = "client" must say which'
    if require is Require.CLIENT and "max_age" in entry:
        faults["max_age"] = "asks a person to confirm again, but only services come in here"
    if require is Require.CLIENT and "groups" in entry:
        faults["groups"] = "names people, but only services come in here"
    where = "path" if "path" in entry else "prefix"
    if "upstream" in entry and (own := _own_fault(entry[where], RESERVED)):
        faults[where] = own
    if "strip_prefix" in entry and "path" in entry:
        faults["strip_prefix"] = "goes with prefix, not with path"
    if "strip_prefix" in entry and "upstream" not in entry:
        faults["strip_prefix"] = "goes with upstream"
    return faults
