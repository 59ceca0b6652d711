"""Puts the simulator together. The only place that reads the clock and draws random numbers."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4  # noqa: TID251 the composition root

import aiohttp
from aiohttp import web

from tools.authy_simulator import state_file
from tools.authy_simulator.api.routes import add_api
from tools.authy_simulator.callbacks.sender import CallbackSender
from tools.authy_simulator.changes import Changes
from tools.authy_simulator.control import add_control
from tools.authy_simulator.faults.book import FaultBook
from tools.authy_simulator.keys import CALLBACKS, CHANGES, CLOCK, FAULTS, NEW_ID, SETTINGS, TOKENS, WORLD
from tools.authy_simulator.phone.routes import add_phone
from tools.authy_simulator.settings import Settings
from tools.authy_simulator.tokens import TokenDesk
from tools.authy_simulator.world import Approvals, Inbox, People, World

LARGEST_BODY = 1024 * 1024


def system_clock() -> datetime:
    """Now."""
    return datetime.now(UTC)  # noqa: TID251 the composition root


def new_uuid() -> str:
    """A random uuid."""
    return str(uuid4())


def new_code() -> str:
    """Seven random digits."""
    return f"{secrets.randbelow(10**7):07d}"


def create_app(
    settings: Settings,
    clock: Callable[[], datetime] = system_clock,
    new_id: Callable[[], str] = new_uuid,
    new_code: Callable[[], str] = new_code,
) -> web.Application:
    """The simulator as an aiohttp application. Raises ValueError when the data file is not ours."""
    app = web.Application(client_max_size=LARGEST_BODY)
    kept = state_file.load(settings.data) if settings.data else state_file.State()
    changes = Changes()
    world = World(
        People(changes.publish, kept.people),
        Inbox(changes.publish, kept.messages),
        Approvals(changes.publish, kept.approvals),
    )
    app[SETTINGS], app[CLOCK], app[NEW_ID] = settings, clock, new_id
    app[WORLD], app[CHANGES], app[FAULTS] = world, changes, FaultBook()
    app[TOKENS] = TokenDesk(world, clock, new_code, settings.app_name, set(kept.used_tokens))
    app.cleanup_ctx.extend((callbacks_ctx, state_ctx))
    app.on_shutdown.append(let_watchers_go)
    app.router.add_get("/livez", alive)
    add_api(app)
    add_control(app)
    add_phone(app)
    return app


async def alive(_: web.Request) -> web.Response:
    """For health checks."""
    return web.Response(text="ok")


async def let_watchers_go(app: web.Application) -> None:
    """Open event streams end, so that the process can."""
    app[CHANGES].close()


async def callbacks_ctx(app: web.Application) -> AsyncIterator[None]:
    """The sender of callbacks, with its connections."""
    settings = app[SETTINGS]
    async with aiohttp.ClientSession() as http:
        changed = partial(app[CHANGES].publish, None)
        app[CALLBACKS] = CallbackSender(http, settings.callback_url, settings.api_key, app[FAULTS], app[CLOCK], changed)
        yield
        await app[CALLBACKS].close()


async def state_ctx(app: web.Application) -> AsyncIterator[None]:
    """The state file, when one was asked for."""
    path = app[SETTINGS].data
    if path is None:
        yield
        return
    writer = state_file.Writer(path, partial(snapshot, app))
    app[CHANGES].call(writer.mark)
    task = asyncio.create_task(writer.run())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    writer.finish()


def snapshot(app: web.Application) -> state_file.State:
    """All that is worth keeping."""
    world = app[WORLD]
    return state_file.State(
        people=tuple(reversed(world.people.all())),
        messages=tuple(world.inbox.all()),
        approvals=tuple(world.approvals.all()),
        used_tokens=tuple(app[TOKENS].used),
    )
