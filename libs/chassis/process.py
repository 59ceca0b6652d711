"""One process: an aiohttp application that is born, says whether it is ready, and drains before it dies."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog
from aiohttp import web

from chassis import logs
from chassis.accounting import ACCOUNTS, Accounts, canonical_line
from chassis.responses import json_response
from chassis.settings import ProcessSettings

log = structlog.get_logger()
Check = Callable[[], Awaitable[Any]]
READINESS: web.AppKey[dict[str, Check]] = web.AppKey("READINESS", dict)
NOTES: web.AppKey[dict[str, Callable[[], str]]] = web.AppKey("NOTES", dict)
CHECK_SECONDS = 2.5
# Longer than the clients in front keep a connection (30 s here), so that none is closed just as it is used again.
IDLE_SECONDS = 75
MAX_BODY = 64 * 1024


def create_app(middlewares: Iterable[Any], *, max_body: int = MAX_BODY) -> web.Application:
    """An application with a reference and a log line per request, and the two probes."""
    accounts = Accounts()
    app = web.Application(middlewares=[canonical_line(accounts), *middlewares], client_max_size=max_body)
    app[ACCOUNTS], app[READINESS], app[NOTES] = accounts, {}, {}
    app.router.add_get("/livez", _livez)
    app.router.add_get("/readyz", _readyz)
    return app


def add_readiness(app: web.Application, name: str, check: Check) -> None:
    """Names something without which this process cannot serve."""
    app[READINESS][name] = check


def add_note(app: web.Application, name: str, say: Callable[[], str]) -> None:
    """Names something that a process can serve without, but that its operator must know of; "" when all is well."""
    app[NOTES][name] = say


async def _livez(_request: web.Request) -> web.Response:
    return json_response({"status": "ok"})


async def _readyz(request: web.Request) -> web.Response:
    checks = request.app[READINESS]
    states = dict(zip(checks, await asyncio.gather(*(_state(check) for check in checks.values())), strict=True))
    ready = all(state == "ok" for state in states.values())
    document = {"status": "ok" if ready else "unavailable", "checks": states}
    notes = {name: note for name, say in request.app[NOTES].items() if (note := say())}
    return json_response({**document, "notes": notes} if notes else document, 200 if ready else 503)


async def _state(check: Check) -> str:
    try:
        await asyncio.wait_for(check(), CHECK_SECONDS)
    except Exception as fault:  # noqa: BLE001 a readiness check may fail in any way, and says which
        return type(fault).__name__
    return "ok"


def run(app: web.Application, settings: ProcessSettings, service: str, *, stops_with_client: bool = False) -> None:
    """Serves until SIGTERM or SIGINT, then lets requests under way finish.

    `stops_with_client` ends a handler when its client goes away: for processes that hold connections open.
    """
    import uvloop  # noqa: PLC0415 only a serving process needs it

    app[ACCOUNTS].lines = logs.configure(settings.log_level, settings.log_format, service, settings.log_sample)
    uvloop.install()
    web.run_app(
        app,
        host=settings.host,
        port=settings.port,
        access_log=None,
        shutdown_timeout=settings.drain_seconds,
        keepalive_timeout=IDLE_SECONDS,
        handler_cancellation=stops_with_client,
        print=lambda *_: log.info("listening", host=settings.host, port=settings.port),
    )
