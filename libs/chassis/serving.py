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
        # A body is passed on or read as it was sent: what a kilobyte unpacks to is not carried anywhere.
        auto_decompress=False,
        keepalive_timeout=IDLE_SECONDS,
        handler_cancellation=manners.stops_with_client,
        shutdown_timeout=manners.drain_seconds,
    )
    told = asyncio.create_task(_told_to_stop().wait())
    starting = asyncio.create_task(_start(app, runner, listening))
    try:
        # A start may wait for a store that is away: whoever is told to stop meanwhile stops.
        await asyncio.wait({starting, told}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            tell()
            await told
        else:
            starting.cancel()
            await asyncio.wait({starting})
    finally:
        await runner.cleanup()


async def _start(app: web.Application, runner: web.AppRunner, listening: socket.socket) -> None:
    await runner.setup()
    if runner.server is not None:
        open_front(app, runner.server)
    await web.SockSite(runner, listening, backlog=BACKLOG).start()


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
