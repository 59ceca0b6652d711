"""A client that goes away ends what streams to it, and nothing else: what was begun is finished.

A browser that is reloaded drops the request before. If that was the one that made a session of an approval, half of it
done would be an approval spent for nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Container

from aiohttp import web

from gateway.api.passing import Handler

Middleware = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


def finish_what_was_begun(streams: Container[object]) -> Middleware:
    """`streams` are the handlers that end with their client."""
    # The loop itself holds tasks weakly.
    running: set[asyncio.Task[web.StreamResponse]] = set()

    async def run(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await handler(request)

    @web.middleware
    async def finish(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.match_info.handler in streams:
            return await handler(request)
        task = asyncio.create_task(run(request, handler))
        running.add(task)
        task.add_done_callback(running.discard)
        return await asyncio.shield(task)

    return finish
