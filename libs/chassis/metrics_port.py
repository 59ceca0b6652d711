"""`GET /metrics` on a port of its own, which nobody publishes: what it shows is for those who run the system.

Each process has its port: with several workers, worker 1 takes the one after worker 0's, and so on.
"""

import asyncio
import errno
import socket
import sys
from collections.abc import AsyncIterator, Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, GCCollector, PlatformCollector, ProcessCollector, generate_latest

from chassis import VERSION
from chassis.beside import beside
from chassis.metered import BUILD, CHECK_UP, LOOP_LAG, LOOP_TASKS, NOTE_ACTIVE
from chassis.meters import METERS, Meters
from chassis.readiness import NOTES, READINESS, Readings, states

BEAT_SECONDS = 0.5
# Longer than anybody waits between two looks, and no longer: whoever never finishes a request is let go, too.
IDLE_SECONDS = 75
Context = Callable[[web.Application], AsyncIterator[None]]


def metrics_ctx(host: str, port: int, service: str) -> Context:
    """For `cleanup_ctx`: shows the meters of `app` on `port` (0: nowhere), on the addresses of `host` that are ours."""

    async def ctx(app: web.Application) -> AsyncIterator[None]:
        meters = app[METERS]
        _add_what_every_process_shows(meters, service)
        runner = web.AppRunner(_page(app), access_log=None, keepalive_timeout=IDLE_SECONDS)
        async with beside(_feel_the_loop(meters)):
            await runner.setup()
            if port:
                await _listen(runner, host, port)
            yield
        await runner.cleanup()

    return ctx


def _add_what_every_process_shows(meters: Meters, service: str) -> None:
    python = ".".join(str(part) for part in sys.version_info[:3])
    meters.watch(BUILD, lambda: {(service, VERSION, python): 1.0})
    ProcessCollector(registry=meters.registry)
    PlatformCollector(registry=meters.registry)
    GCCollector(registry=meters.registry)


def _page(app: web.Application) -> web.Application:
    page = web.Application()
    found: Readings = {}
    checks = app[READINESS]
    app[METERS].watch(CHECK_UP, lambda: {(name,): float(state == "ok") for name, state in found.items()})
    app[METERS].watch(LOOP_TASKS, lambda: {(): float(len(asyncio.all_tasks()))})
    app[METERS].watch(NOTE_ACTIVE, lambda: {(name,): float(bool(say())) for name, say in app[NOTES].items()})

    async def metrics(_request: web.Request) -> web.Response:
        found.update(await states(checks))
        # Nothing in here awaits: two who look at once see each other's readiness, and nothing worse.
        return web.Response(body=generate_latest(app[METERS].registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    page.router.add_get("/metrics", metrics)
    return page


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    # In a container the name of one network leads to the addresses of all copies of a service: ours is among them.
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    foreign: list[OSError] = []
    for address in (addresses := {str(entry[4][0]) for entry in found}):
        try:
            await web.TCPSite(runner, address, port).start()
        except OSError as refused:
            if refused.errno != errno.EADDRNOTAVAIL:
                raise
            foreign.append(refused)
    if len(foreign) == len(addresses):
        raise foreign[0]


async def _feel_the_loop(meters: Meters) -> None:
    """A loop that is held up by something slow wakes this late, as it answers everybody late."""
    loop, lag = asyncio.get_running_loop(), meters.histogram(LOOP_LAG)()
    while True:
        due = loop.time() + BEAT_SECONDS
        await asyncio.sleep(BEAT_SECONDS)
        lag.observe(max(0.0, loop.time() - due))
