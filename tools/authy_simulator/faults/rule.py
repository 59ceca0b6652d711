"""One rule: which endpoint, how it fails, how often."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

CALLBACK = "callback"
ANY = "*"
PREFIX = re.compile(r"/?(protected|onetouch)/json/")
LONGEST_WAIT = 600.0
ENDPOINT_NAMES = (
    "users/new",
    "users/status",
    "users/remove",
    "users/update",
    "users/register_activity",
    "sms",
    "call",
    "verify",
    "approval_requests/create",
    "approval_requests/read",
    "app/details",
    "app/stats",
)


class Fault(StrEnum):
    """What happens to an answer of the API."""

    SLOW = "slow"
    TOO_MANY = "429"
    UNAVAILABLE = "503"
    HTML = "html"
    WRONG_JSON = "wrong_json"
    HTML_TYPE = "html_type"
    ERROR = "error"
    RESET = "reset"


class CallbackFault(StrEnum):
    """What happens to a callback."""

    LATE = "late"
    DROPPED = "dropped"
    REPEATED = "repeated"
    BADLY_SIGNED = "badly_signed"
    STALE = "stale"
    FLAGGED = "flagged"
    OTHER_AUTHY_ID = "other_authy_id"
    GET = "get"


@dataclass(frozen=True)
class Rule:
    """``count``: how many more times, None for always. Each fault uses what it needs of the rest.

    ``seconds``: of slow, late, stale. ``times``: of repeated. ``status``: of html, wrong_json, error.
    ``code``: of error. ``body``: of wrong_json and html, instead of the usual text.
    """

    endpoint: str
    fault: Fault | CallbackFault
    count: int | None = None
    seconds: float | None = None
    times: int = 2
    status: int | None = None
    code: str = "60000"
    body: str | None = None

    def matches(self, endpoint: str) -> bool:
        """By whole name, by either part of it (``users``, ``status``), or ``*`` for any endpoint of the API."""
        if self.endpoint == ANY:
            return endpoint != CALLBACK
        return endpoint == self.endpoint or self.endpoint in endpoint.split("/")

    def shown(self) -> dict[str, object]:
        """As ``GET /control/faults`` shows it; what is not set is left out."""
        found: dict[str, object] = {"endpoint": self.endpoint, "fault": self.fault.value, "count": self.count}
        if self.fault is CallbackFault.REPEATED:
            found["times"] = self.times
        if self.fault is Fault.ERROR:
            found["code"] = self.code
        optional = {"seconds": self.seconds, "status": self.status, "body": self.body}
        return found | {name: value for name, value in optional.items() if value is not None}


class InvalidRule(ValueError):
    """A rule that cannot be understood; the text says why."""


def read_rules(data: object) -> list[Rule]:
    """``{"rules": [...]}``, or the bare list. Raises InvalidRule."""
    rules = data.get("rules") if isinstance(data, Mapping) else data
    if not isinstance(rules, list):
        raise InvalidRule('the body must be {"rules": [...]}')
    return [read_rule(item) for item in rules]


def read_rule(item: object) -> Rule:
    """One rule. ``HTML``, ``wrong JSON`` and ``callback late`` are understood as well as the names above."""
    if not isinstance(item, Mapping):
        raise InvalidRule("a rule is an object")
    unknown = set(item) - {"endpoint", "fault", "count", "seconds", "times", "status", "code", "body"}
    if unknown:
        raise InvalidRule(f"unknown member {min(unknown)}")
    fault, of_callback = read_fault(item.get("fault"))
    endpoint = read_endpoint(item.get("endpoint"), CALLBACK if of_callback else ANY)
    if (endpoint == CALLBACK) != isinstance(fault, CallbackFault):
        raise InvalidRule(f"{endpoint} cannot fail by {fault}")
    return Rule(
        endpoint=endpoint,
        fault=fault,
        count=whole(item, "count", 1, 1_000_000),
        seconds=seconds_of(item),
        times=whole(item, "times", 1, 100) or 2,
        status=whole(item, "status", 200, 599),
        code=str(item.get("code", "60000")),
        body=None if item.get("body") is None else str(item["body"]),
    )


def read_fault(name: object) -> tuple[Fault | CallbackFault, bool]:
    """The fault of a name, and whether it is one of the callback."""
    plain = str(name).lower().replace(" ", "_").replace("-", "_").removeprefix("callback_")
    if plain in set(CallbackFault):
        return CallbackFault(plain), True
    if plain in set(Fault):
        return Fault(plain), False
    raise InvalidRule(f"unknown fault {name}: one of {', '.join([*Fault, *CallbackFault])}")


def read_endpoint(name: object, usual: str) -> str:
    """The endpoint of a name; left out, the fault says what is meant."""
    if name is None:
        return usual
    plain = PREFIX.sub("", str(name)).strip("/")
    known = {CALLBACK, ANY, *ENDPOINT_NAMES} | {part for each in ENDPOINT_NAMES for part in each.split("/")}
    if plain not in known:
        raise InvalidRule(f"unknown endpoint {plain}: one of {', '.join([*ENDPOINT_NAMES, CALLBACK, ANY])}")
    return plain


def whole(item: Mapping[str, object], name: str, least: int, most: int) -> int | None:
    """An optional whole number within its bounds."""
    value = item.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidRule(f"{name} must be a whole number from {least} to {most}")
    return value


def seconds_of(item: Mapping[str, object]) -> float | None:
    """An optional number of seconds, ten minutes at most."""
    value = item.get("seconds")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_WAIT:
        raise InvalidRule(f"seconds must be a number from 0 to {LONGEST_WAIT:g}")
    return float(value)
