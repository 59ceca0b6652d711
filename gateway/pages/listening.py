"""What the waiting page listens to: the state of its challenge as events, or as an answer for now.

Both know the login by the cookie alone. `moved` is said when the login is over, or is another tab's business by now:
the page then reads its own address again, which leads on.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from aiohttp import web
from aiohttp_sse import sse_response

from chassis.responses import json_response
from gateway.pages.browser import Browser
from gateway.pages.handling import meet
from gateway.pages.refusals import DETOURS
from gateway.pages.wait import standing

MOVED = "moved"


async def status(request: web.Request) -> web.StreamResponse:
    """GET /confirm/wait/status: `{"status": "pending"}`."""
    browser = await meet(request)
    try:
        return json_response({"status": (await standing(browser)).status})
    except tuple(DETOURS):
        return json_response({"status": MOVED})


async def events(request: web.Request) -> web.StreamResponse:
    """GET /confirm/wait/events: an event `status` with that document, now and at each change until it is settled."""
    browser = await meet(request)
    async with aclosing(_states(browser)) as states:
        # Before the stream is opened: what is refused now can still be answered with a status.
        first = await anext(states, MOVED)
        async with sse_response(request) as stream:
            # Who has closed the page hears nothing any more, and that is no error.
            with suppress(ConnectionResetError):
                await stream.send(_event(first), event="status")
                async for state in states:
                    await stream.send(_event(state), event="status")
    return stream


def _event(state: str) -> str:
    return json.dumps({"status": state})


async def _states(browser: Browser) -> AsyncGenerator[str]:
    try:
        login, challenge_id = browser.require_login(), browser.require_challenge()
        async with aclosing(browser.steps.waiting(login.token, challenge_id)) as challenges:
            async for challenge in challenges:
                yield challenge.status
    except tuple(DETOURS):
        yield MOVED
