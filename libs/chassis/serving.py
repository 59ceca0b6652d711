"""One process that serves: listens, says so, and on SIGTERM or SIGINT lets requests under way finish."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from chassis.front import open_front

# Longer than the clients in front keep a connection (30 s here), so that none is closed just as it is used again.
IDLE_SECONDS = 75
BACKLOG = 1024


@dataclass(frozen=True)
class Manners:
    """`drain_seconds`: how long requests under way may take once this process is told to stop.

    `stops_with_client` ends a handler when its client goes away: for processes that hold connections open.
    """

    drain_seconds: float
    stops_with_client: bool = False


async def serve(app: web.Application, listening: socket.socket, manners: Manners, tell: Callable[[], None]) -> None:
    """Until a signal; `tell` is called once connections are taken."""
    app.on_startup.append(_settle)
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=IDLE_SECONDS,
        handler_cancellation=manners.stops_with_client,
        shutdown_timeout=manners.drain_seconds,
    )
    told = _told_to_stop()
    await runner.setup()
    try:
        if runner.server is not None:
            open_front(app, runner.server)
        await web.SockSite(runner, listening, backlog=BACKLOG).start()
        tell()
        await told.wait()
    finally:
        await runner.cleanup()


async def _settle(_app: web.Application) -> None:
    # What start-up made stays for good: the collector need not look at it again with every few requests (a tenth of
    # what a proxied call costs).
    gc.collect()
    gc.freeze()


def _told_to_stop() -> asyncio.Event:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket that listens there; `shared` with other processes of ours, between which the system divides."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind(address)
    listening.setblocking(False)
    return listening
