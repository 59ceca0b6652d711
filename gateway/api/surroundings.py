"""What stands around every handler: a path that is read in one way, one answer per refusal, and no work half done.

A client that goes away ends what streams to it, and nothing else: what was begun is finished. A browser that is
reloaded drops the request before. If that was the one that made a session of an approval, half of it done would be an
approval spent for nothing.

One middleware rather than one for each: an authorised call may cost little more than an empty one, and pays for every
layer that it passes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Container
from functools import partial

from aiohttp import web
from aiohttp.typedefs import Middleware

from gateway.api.passing import Handler, Refuse
from gateway.model.path import require_plain

Show = Callable[[web.Request, web.StreamResponse], web.StreamResponse]

# Two peers at their slowest: each has ten seconds of its own.
ANSWER_SECONDS = 20.0


def surroundings(streams: Container[object], refuse: Refuse, show: Show) -> Middleware:
    """`streams` are the handlers that end with their client; `refuse` answers an exception, or raises it again."""
    # The loop itself holds tasks weakly.
    running: set[asyncio.Task[web.StreamResponse]] = set()

    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            # As it was sent, whoever it is for; raises `AmbiguousPath`.
            require_plain(request.raw_path.partition("?")[0])
            response = await handler(request)
        except Exception as refusal:  # noqa: BLE001 the table names them all, and what it does not is a 500
            response = refuse(request, refusal)
        return show(request, response)

    async def finished(request: web.Request, handler: Handler) -> web.StreamResponse:
        task = asyncio.create_task(answer(request, partial(_in_time, handler)))
        running.add(task)
        task.add_done_callback(running.discard)
        return await asyncio.shield(task)

    @web.middleware
    def surround(request: web.Request, handler: Handler) -> Awaitable[web.StreamResponse]:
        # Not a coroutine: it would stay for as long as a stream lasts.
        return (answer if request.match_info.handler in streams else finished)(request, handler)

    return surround


async def _in_time(handler: Handler, request: web.Request) -> web.StreamResponse:
    async with asyncio.timeout(ANSWER_SECONDS):
        return await handler(request)
