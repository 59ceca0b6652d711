"""What travels with a request inside a process."""

from collections.abc import Mapping
from contextvars import ContextVar

from aiohttp import web

from chassis.lines import Weight

# The reference under which the operator finds it in the logs; answers carry it as X-Request-ID.
REQUEST_ID: web.RequestKey[str] = web.RequestKey("REQUEST_ID", str)
# The same for whoever has no request in hand: log lines, calls to a peer. "" outside a request.
REFERENCE: ContextVar[str] = ContextVar("REFERENCE", default="")
# When the short way (chassis.front) began with it and gave it its reference, before it left it to the ordinary one.
BEGAN: web.RequestKey[float] = web.RequestKey("BEGAN", float)
# How much the line of a 2xx weighs, if not fully: see `lines.Weight`.
WEIGHT: web.RequestKey[Weight] = web.RequestKey("WEIGHT", Weight)
# More fields for the line: names and values must be harmless, they are written as they are.
EXTRA: web.RequestKey[Mapping[str, object]] = web.RequestKey("EXTRA")
# The name of the refusal that answered it, for the log line.
REFUSAL: web.RequestKey[str] = web.RequestKey("REFUSAL", str)
# Which of several things an address does (a grant of the token endpoint), for metrics and the log: a name of ours.
PART: web.RequestKey[str] = web.RequestKey("PART", str)


def note(request: web.Request, **facts: object) -> None:
    """Adds to the request's log line (and its trace) what is known of it: ids of ours, never what somebody sent."""
    request[EXTRA] = {**request.get(EXTRA, {}), **facts}
