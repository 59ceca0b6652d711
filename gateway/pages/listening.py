"""What the waiting page listens to: the state of its challenge as events, or as an answer for now.

Both know the login by the cookie alone. `moved` is said when the login is over, or is another tab's business by now:
the page then reads its own address again, which leads on.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from functools import partial

from aiohttp import web

from chassis.event_stream import EventStream, begin
from chassis.responses import json_bytes, json_response
from gateway.model.challenge import Challenge
from gateway.model.errors import Refusal
from gateway.pages.browser import Browser
from gateway.pages.handling import meet
from gateway.pages.refusals import detour
from gateway.pages.wait import standing

Told = Mapping[str, object]
GONE: Told = {"status": "moved"}


async def status(request: web.Request) -> web.StreamResponse:
    """GET /confirm/wait/status: `{"status": "pending", "waiting_for": ["phone"]}`."""
    browser = await meet(request)
    try:
        return json_response(_told(await standing(browser)))
    except Refusal as refusal:
        return json_response(_moved(refusal))


async def events(request: web.Request) -> web.StreamResponse:
    """GET /confirm/wait/events: an event `status` with that document, now and at each change until it is settled."""
    states = _states(await meet(request))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(aclosing(states))
        # Before the stream is opened: what is refused now can still be answered with a status.
        first = await anext(states, GONE)
        answer = await begin(request, partial(_tell, first, states))
        # Theirs to close who tell them.
        stack.pop_all()
    return answer


async def _tell(first: Told, states: AsyncGenerator[Told], stream: EventStream) -> None:
    async with aclosing(states):
        await stream.send("status", json_bytes(first))
        async for state in states:
            await stream.send("status", json_bytes(state))


def _told(challenge: Challenge) -> Told:
    return {"status": challenge.status, "waiting_for": challenge.waiting_for}


async def _states(browser: Browser) -> AsyncGenerator[Told]:
    try:
        token, challenge_id, waiting = browser.require_login().token, browser.require_challenge(), browser.steps.waiting
        # And with it all of the request: ten thousand may wait.
        del browser
        async with aclosing(waiting(token, challenge_id)) as challenges:
            async for challenge in challenges:
                yield _told(challenge)
    except Refusal as refusal:
        yield _moved(refusal)


def _moved(refusal: Refusal) -> Told:
    if detour(refusal) is None:
        raise refusal
    return GONE
