"""How long an answer may take in all, whatever it is made of."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

# Less than the gateway waits for its peers, so that it hears "unavailable" rather than nothing.
ANSWER_SECONDS = 9.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def within(seconds: float) -> Callable[..., Awaitable[web.StreamResponse]]:
    """A middleware: each outside call has its own budget, this bounds their sum, for a stream until it has begun.

    Raises `TimeoutError`, which is 503 further out: nothing was answered, so nothing is lost.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        async with asyncio.timeout(seconds):
            return await handler(request)

    return middleware
