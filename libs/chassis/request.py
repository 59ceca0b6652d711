"""What travels with a request inside a process."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Protocol

from aiohttp import web

from chassis.lines import Weight

# RFC 9110 section 9 and RFC 5789; a stranger may send any other word as a method.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})
# The status of who went away before the end of its answer; nginx's number for it.
CLIENT_GONE = 499
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


class Asked(Protocol):
    """A request, as far as it is accounted for. Of its notes none is sure to be there."""

    @property
    def method(self) -> str:
        """As the client wrote it."""

    def __contains__(self, key: object, /) -> bool:
        """Whether this was noted."""

    def __getitem__(self, key: Any, /) -> Any:
        """What was noted under one of the keys above."""

    def get(self, key: Any, /) -> Any:
        """The same, if it was."""


class Remains(dict[Any, Any]):
    """Implements `Asked` for what outlives its request, and would keep in memory all that the request was."""

    __slots__ = ("method",)

    def __init__(self, request: web.BaseRequest) -> None:
        super().__init__(request)
        self.method = request.method


def note(request: web.Request, **facts: object) -> None:
    """Adds to the request's log line (and its trace) what is known of it: ids of ours, never what somebody sent."""
    request[EXTRA] = {**request.get(EXTRA, {}), **facts}
