"""Tells open pages that there is something new, by server-sent events; what it is, they fetch."""

import asyncio

from aiohttp import web

from tools.authy_simulator.keys import CHANGES

KEEP_ALIVE = 15.0
# Changes that come together are told together.
PAUSE = 0.05


async def events(request: web.Request) -> web.StreamResponse:
    """``data: changed`` after each change, a comment when nothing happens, until the page or the server goes."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    changes = request.app[CHANGES]
    try:
        with changes.watch() as changed:
            await response.write(b"retry: 1000\n\n")
            while not changes.is_over:
                await response.write(await next_line(changed))
    except ConnectionResetError:
        pass
    return response


async def next_line(changed: asyncio.Event) -> bytes:
    """The next thing to say."""
    try:
        async with asyncio.timeout(KEEP_ALIVE):
            await changed.wait()
    except TimeoutError:
        return b": still here\n\n"
    await asyncio.sleep(PAUSE)
    changed.clear()
    return b"data: changed\n\n"
