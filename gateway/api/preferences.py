"""What a client would rather have (RFC 7240): each preference may be kept to or not, and an answer says which were."""

import re
from collections.abc import Iterator

from aiohttp import web

MAX_WAIT = 30
_PREFERENCE = re.compile(r'\s*([a-z]+)\s*=\s*"?([a-z0-9]{1,32})"?\s*(;.*)?\Z', re.IGNORECASE)
MINIMAL = {"Preference-Applied": "return=minimal"}


def preferred_wait(request: web.Request) -> int:
    """The seconds that the client would wait (section 4.3), within our bounds; 0 if it would not."""
    wait = _preferred(request, "wait")
    return min(int(wait), MAX_WAIT) if re.fullmatch(r"[0-9]{1,4}", wait) else 0


def prefers_minimal(request: web.Request) -> bool:
    """Whether the client can do without what it did not ask for (section 4.2)."""
    return _preferred(request, "return") == "minimal"


def _preferred(request: web.Request, name: str) -> str:
    # The first of two counts (section 2).
    return next((value for said, value in _preferences(request) if said == name), "")


def _preferences(request: web.Request) -> Iterator[tuple[str, str]]:
    for part in ",".join(request.headers.getall("Prefer", ())).split(","):
        if found := _PREFERENCE.match(part):
            yield found.group(1).lower(), found.group(2).lower()
