"""What is kept of every request: a reference that its answer carries, one line in the log, and a count.

The hot path pays for this with every request, so it is the smallest code that does it. Whoever counts is an observer:
called once a request, after its answer is made, and never awaited.
"""

import os
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from chassis.event_stream import Begun
from chassis.lines import RequestLines, Weight, through_structlog
from chassis.request import BEGAN, CLIENT_GONE, EXTRA, REFERENCE, REFUSAL, REQUEST_ID, WEIGHT, Asked, Remains

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# The request, its route (a pattern, never a path), the status, and how long it took in seconds. Of the request only its
# method is sure to be there: what is answered the short way (chassis.front) has met no router.
Observer = Callable[[Asked, str, int, float], None]
HEADER = "X-Request-ID"
FULL = Weight.FULL
UNMEASURED = frozenset({"/livez", "/readyz"})
_REFERENCE = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
# Seeded by the system. A reference must be unique, and may be seen by anybody: nothing is opened with it.
_random = Random()  # noqa: S311 see above; the system's generator costs ten times as much
# Two workers of one service must not say the same.
os.register_at_fork(after_in_child=_random.seed)


@dataclass
class Accounts:
    """Where the lines of an application's requests go, and who counts them."""

    lines: RequestLines = field(default_factory=lambda: RequestLines(through_structlog))
    observers: list[Observer] = field(default_factory=list)

    def settle(self, request: Asked, route: str, status: int, seconds: float) -> None:
        """Once a request, when its answer is made."""
        if route in UNMEASURED:
            return
        for observer in self.observers:
            observer(request, route, status, seconds)
        # What is refused or fails is always worth its line.
        weight = (status < 300 and request.get(WEIGHT)) or FULL
        if self.lines.is_wanted(weight):
            self.lines.write(weight, _fields(request, route, status, seconds))

    def settle_stream(self, request: Asked, route: str, started: float, status: int) -> None:
        """The same for a stream, when it is over."""
        self.settle(request, route, status, time.perf_counter() - started)


ACCOUNTS = web.AppKey("ACCOUNTS", Accounts)


def observe(app: web.Application, observer: Observer) -> None:
    """Tells `observer` of every request of this application, but for the probes."""
    app[ACCOUNTS].observers.append(observer)


def reference_of(request: web.BaseRequest) -> str:
    """The caller's, if it is one; else 32 hexadecimal digits."""
    given = request.headers.get(HEADER)
    return given if given and _REFERENCE.match(given) else _random.randbytes(16).hex()


def route_of(request: web.Request) -> str:
    """The pattern that the request's path belongs to."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "-"


def _fields(request: Asked, route: str, status: int, seconds: float) -> dict[str, Any]:
    return {
        "request_id": request[REQUEST_ID],
        "method": request.method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        # What is not there is dear to look for.
        "refusal": request.get(REFUSAL) if status >= 400 else None,
        **(request.get(EXTRA) or {}),
    }


def canonical_line(accounts: Accounts) -> Middleware:
    """The outermost middleware: one line per request, with the reference that the answer carries too."""

    @web.middleware
    async def account(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = request.get(BEGAN)
        if started is None:
            started, request[REQUEST_ID] = time.perf_counter(), reference_of(request)
        reference = request[REQUEST_ID]
        # Every request has a task, and so a context, of its own: nothing has to be put back.
        REFERENCE.set(reference)
        status, stream = CLIENT_GONE, None
        try:
            response = await handler(request)
            status = response.status
            if not response.prepared:
                response.headers[HEADER] = reference
            elif isinstance(response, Begun):
                stream = response.stream
        except web.HTTPException as exit_:
            status = exit_.status
            raise
        else:
            return response
        finally:
            if stream is None:
                accounts.settle(request, route_of(request), status, time.perf_counter() - started)
            else:
                stream.upon_end(partial(accounts.settle_stream, Remains(request), route_of(request), started))

    return account
