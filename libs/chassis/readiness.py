"""Whether a process can serve: what it cannot do without, and what its operator must know of."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from chassis.responses import json_response

Check = Callable[[], Awaitable[Any]]
Readings = dict[str, str]
READINESS: web.AppKey[dict[str, Check]] = web.AppKey("READINESS", dict)
NOTES: web.AppKey[dict[str, Callable[[], str]]] = web.AppKey("NOTES", dict)
CHECK_SECONDS = 2.5


def add_readiness(app: web.Application, name: str, check: Check) -> None:
    """Names something without which this process cannot serve."""
    app[READINESS][name] = check


def add_note(app: web.Application, name: str, say: Callable[[], str]) -> None:
    """Names something that a process can serve without, but that its operator must know of; "" when all is well."""
    app[NOTES][name] = say


async def livez(_request: web.Request) -> web.Response:
    """Whether the process answers at all."""
    return json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """Whether all that it cannot do without answers; 503 says what does not."""
    checks = request.app[READINESS]
    found = await states(checks)
    ready = all(state == "ok" for state in found.values())
    document = {"status": "ok" if ready else "unavailable", "checks": found}
    notes = {name: note for name, say in request.app[NOTES].items() if (note := say())}
    return json_response({**document, "notes": notes} if notes else document, 200 if ready else 503)


async def states(checks: Mapping[str, Check]) -> Readings:
    """By name: `ok`, or the kind of error."""
    found = await asyncio.gather(*(_state(check) for check in checks.values()))
    return dict(zip(checks, found, strict=True))


async def _state(check: Check) -> str:
    try:
        await asyncio.wait_for(check(), CHECK_SECONDS)
    except Exception as fault:  # noqa: BLE001 a readiness check may fail in any way, and says which
        return type(fault).__name__
    return "ok"
