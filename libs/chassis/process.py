"""One process: an aiohttp application that is born, says whether it is ready, and drains before it dies."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import structlog
from aiohttp import web

from chassis import logs
from chassis.accounting import ACCOUNTS, Accounts, canonical_line
from chassis.front import FRONT, Front
from chassis.meters import METERS, Meters
from chassis.metrics_port import metrics_ctx
from chassis.open_streams import OPEN_STREAMS, OpenStreams
from chassis.readiness import NOTES, READINESS, livez, readyz
from chassis.request_meter import request_meter
from chassis.serving import Manners, listen, serve
from chassis.settings import ProcessSettings
from chassis.tracing import BELIEVES, CALLS, WATCHES, believe_nobody, trace
from chassis.workers import divide

log = structlog.get_logger()
MAX_BODY = 64 * 1024


def create_app(middlewares: Iterable[Any], *, max_body: int = MAX_BODY) -> web.Application:
    """An application with a reference, a log line and a count per request, and the two probes."""
    accounts, meters = Accounts(), Meters()
    app = web.Application(middlewares=[canonical_line(accounts), *middlewares], client_max_size=max_body)
    app[ACCOUNTS], app[METERS], app[READINESS], app[NOTES] = accounts, meters, {}, {}
    app[BELIEVES], app[CALLS], app[WATCHES], app[FRONT] = believe_nobody, [], [], Front()
    app[OPEN_STREAMS] = OpenStreams()
    accounts.observers.append(request_meter(meters))
    app.router.add_get("/livez", livez)
    app.router.add_get("/readyz", readyz)
    return app


def run(app: web.Application, settings: ProcessSettings, service: str, *, stops_with_client: bool = False) -> None:
    """Serves until SIGTERM or SIGINT, then lets requests under way finish.

    `stops_with_client` ends a handler when its client goes away: for processes that hold connections open.
    """
    import uvloop  # noqa: PLC0415 only a serving process needs it

    app[ACCOUNTS].lines = logs.configure(settings.log_level, settings.log_format, service, settings.log_sample)
    index = divide(settings.worker_count, settings.drain_seconds)
    trace(app, settings, service)
    app.cleanup_ctx.append(metrics_ctx(settings.metrics_host, port_of(settings.metrics_port, index), service))
    manners = Manners(settings.drain_seconds, stops_with_client)
    listening = listen(settings.host, settings.port, shared=settings.worker_count > 1)
    tell = partial(log.info, "listening", host=settings.host, port=settings.port)
    uvloop.run(serve(app, listening, manners, tell))


def port_of(first: int, index: int) -> int:
    """Where worker `index` shows its metrics, each on its own; 0 stays nowhere."""
    return first + index if first else 0
