"""The policy file: TOML, one `[[route]]` per path prefix. Every fault is named with its line before anything starts."""

import re
import tomllib
from typing import Any

from gateway.model.forwarding import AmbiguousPath
from gateway.model.path import require_plain
from gateway.model.policy import RESERVED, Policy, Require, Route, is_under

FIELDS = {"prefix": str, "upstream": str, "name": str, "require": str, "strip_prefix": bool}
OPTIONAL = {"strip_prefix"}
_UPSTREAM = re.compile(r"https?://[A-Za-z0-9.\-_\[\]:]+(/[A-Za-z0-9._~/-]*)?\Z")
_NAME = re.compile(r"[A-Za-z0-9._:/-]{1,100}\Z")
_HEADING = re.compile(r"^[ \t]*\[\[[ \t]*route[ \t]*\]\]", re.MULTILINE)


class PolicyFault(Exception):
    """The policy cannot be used; `faults` says why, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def read_policy(text: str) -> Policy:
    """The policy; raises `PolicyFault` with all faults at once."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as malformed:
        raise PolicyFault([str(malformed)]) from None
    entries = document.get("route", [])
    if set(document) - {"route"} or not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise PolicyFault(["only [[route]] tables may stand in a policy"])
    places = [found.start() for found in _HEADING.finditer(text)]
    faults = [
        f"{_where(text, places, number, field)}{field}: {fault}"
        for number, entry in enumerate(entries)
        for field, fault in _faults(entry).items()
    ]
    faults += _doubles(entries)
    if faults:
        raise PolicyFault(faults)
    return Policy(_route(entry) for entry in entries)


def _faults(entry: dict[str, Any]) -> dict[str, str]:
    faults = {field: "is not a field of a route" for field in entry if field not in FIELDS}
    faults |= {field: "is missing" for field in FIELDS if field not in entry and field not in OPTIONAL}
    kinds = {field: kind for field, kind in FIELDS.items() if field in entry}
    faults |= {
        field: f"must be {'true or false' if kind is bool else 'a text'}"
        for field, kind in kinds.items()
        if type(entry[field]) is not kind
    }
    return faults or {field: fault for field, fault in _unfit(entry).items() if fault}


def _unfit(entry: dict[str, Any]) -> dict[str, str | None]:
    return {
        "prefix": _prefix_fault(entry["prefix"]),
        "upstream": None if _UPSTREAM.match(entry["upstream"]) else "must be http(s)://host[:port][/path]",
        "name": None if _NAME.match(entry["name"]) else "must be 1 to 100 letters, digits or . _ : / -",
        "require": None if entry["require"] in set(Require) else f"must be one of: {', '.join(Require)}",
    }


def _prefix_fault(prefix: str) -> str | None:
    try:
        require_plain(prefix)
    except AmbiguousPath:
        return "must be a plain path that starts with /"
    if "%" in prefix or ";" in prefix or (prefix != "/" and prefix.endswith("/")):
        return "must have no % or ; and no / at its end"
    own = next((own for own in RESERVED if is_under(prefix.lower(), own)), None)
    return f"{own} is the gateway's own" if own else None


def _doubles(entries: list[dict[str, Any]]) -> list[str]:
    prefixes = [str(entry.get("prefix", "")).lower() for entry in entries]
    return [
        f"prefix {prefix} is given more than once" for prefix in sorted({p for p in prefixes if prefixes.count(p) > 1})
    ]


def _route(entry: dict[str, Any]) -> Route:
    return Route(
        prefix=entry["prefix"],
        upstream=entry["upstream"].rstrip("/"),
        name=entry["name"],
        require=Require(entry["require"]),
        strip_prefix=entry.get("strip_prefix", False),
    )


def _where(text: str, places: list[int], number: int, field: str) -> str:
    """The line of the field, or of its route if the field is not there."""
    if number >= len(places):
        return f"route {number + 1}: "
    end = places[number + 1] if number + 1 < len(places) else len(text)
    found = re.compile(rf"^\s*{re.escape(field)}\s*=", re.MULTILINE).search(text, places[number], end)
    # The match may begin with the line breaks before the field.
    place = (
        found.end() if found else places[number] + len(text[places[number] :]) - len(text[places[number] :].lstrip())
    )
    return f"line {text.count(chr(10), 0, place) + 1}: "
