"""The policy file: TOML, one `[[route]]` per rule. Every fault is named with its line before anything is used."""

import re
import tomllib
from typing import Any

from gateway.model.policy import Policy, Require, Route, plain_host
from gateway.model.policy_fields import FIELDS, fault_of, faults_together

_AT = re.compile(r"(.*) \(at line (\d+), column \d+\)", re.DOTALL)
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
        raise PolicyFault([_by_line(str(malformed), text)]) from None
    entries = document.get("route", [])
    if set(document) - {"route"} or not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        where = _line_of(text, next((name for name in document if name != "route"), "route"))
        raise PolicyFault([f"line {where}: only [[route]] tables may stand in a policy"])
    places = [found.start() for found in _HEADING.finditer(text)]
    faults = [
        f"{_where(text, places, number, field)}{field}: {fault}"
        for number, entry in enumerate(entries)
        for field, fault in _faults(entry).items()
    ]
    if faults:
        raise PolicyFault(faults)
    routes = [_route(entry, _line(text, places, number)) for number, entry in enumerate(entries)]
    _require_no_doubles(routes)
    return Policy(routes)


def _faults(entry: dict[str, Any]) -> dict[str, str]:
    faults = {field: "is not a field of a route" for field in entry if field not in FIELDS}
    faults |= {field: "is missing" for field in ("name", "require") if field not in entry}
    if ("prefix" in entry) == ("path" in entry):
        faults["prefix"] = "give either prefix or path"
    faults |= {field: fault for field in entry if field in FIELDS and (fault := fault_of(field, entry[field]))}
    return faults or faults_together(entry)


def _route(entry: dict[str, Any], line: int) -> Route:
    methods = frozenset(entry.get("methods", []))
    return Route(
        prefix=entry.get("path", entry.get("prefix", "")),
        upstream=entry.get("upstream", "").rstrip("/"),
        name=entry["name"],
        require=Require(entry["require"]),
        strip_prefix=entry.get("strip_prefix", False),
        exact="path" in entry,
        host=plain_host(entry.get("host", "")),
        # What may be read may be asked about (RFC 9110 section 9.3.2).
        methods=methods | {"HEAD"} if "GET" in methods else methods,
        scopes=frozenset(entry.get("scopes", [])),
        clients=frozenset(entry.get("clients", [])),
        groups=frozenset(entry.get("groups", [])),
        max_age=entry.get("max_age"),
        line=line,
    )


def _require_no_doubles(routes: list[Route]) -> None:
    """Raises `PolicyFault` where two rules would both be the most specific one."""
    faults = []
    for number, route in enumerate(routes):
        same = [other for other in routes[:number] if _is_same_place(route, other)]
        faults += [f"line {route.line}: the rule on line {other.line} takes the same requests" for other in same]
    if faults:
        raise PolicyFault(faults)


def _is_same_place(one: Route, other: Route) -> bool:
    if (one.host, one.exact, one.prefix.lower()) != (other.host, other.exact, other.prefix.lower()):
        return False
    # `/App` beside `/app` would be two rules for one thing to whoever knows no case.
    return one.prefix != other.prefix or bool(one.methods & other.methods) or not (one.methods or other.methods)


def _by_line(said: str, text: str) -> str:
    """What the parser of TOML says, in the form that every other fault has."""
    told = _AT.fullmatch(said)
    return f"line {told[2]}: {told[1]}" if told else f"line {text.count(chr(10)) + 1}: {said}"


def _line_of(text: str, name: str) -> int:
    """Where a key or a table of that name first stands, whatever stands around it."""
    found = re.search(rf"^[ \t\[\"']*{re.escape(name)}\b", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _line(text: str, places: list[int], number: int) -> int:
    """The line of a rule's heading."""
    if number >= len(places):
        return 0
    indent = len(text[places[number] :]) - len(text[places[number] :].lstrip())
    return text.count("\n", 0, places[number] + indent) + 1


def _where(text: str, places: list[int], number: int, field: str) -> str:
    """The line of the field, or of its rule if the field is not there."""
    if number >= len(places):
        return f"route {number + 1}: "
    end = places[number + 1] if number + 1 < len(places) else len(text)
    found = re.compile(rf"^\s*{re.escape(field)}\s*=", re.MULTILINE).search(text, places[number], end)
    # The match may begin with the line breaks before the field.
    line = text.count("\n", 0, found.end()) + 1 if found else _line(text, places, number)
    return f"line {line}: "
