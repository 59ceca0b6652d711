"""Where what happens comes from: said once per request or command, read by whoever writes it down."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from chassis.request import REQUEST_ID

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Origin:
    """`browser` in words of ours, never the User-Agent itself; `actor`: who acts, if not the person themselves."""

    request_id: str = ""
    address: str = ""
    browser: str = ""
    actor: str = ""


NOWHERE = Origin()
_ORIGIN: ContextVar[Origin] = ContextVar("ORIGIN", default=NOWHERE)


def origin() -> Origin:
    """Where the present work comes from; nowhere, if nobody said."""
    return _ORIGIN.get()


@contextmanager
def coming_from(place: Origin) -> Iterator[None]:
    """All that is done inside comes from there."""
    token = _ORIGIN.set(place)
    try:
        yield
    finally:
        _ORIGIN.reset(token)


def origin_middleware(place: Callable[[web.Request], tuple[str, str]]) -> Any:
    """`place` reads the client's address and browser as this service believes them."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        address, browser = place(request)
        # Every request has a task, and so a context, of its own: nothing has to be put back.
        _ORIGIN.set(Origin(request.get(REQUEST_ID, ""), address, browser))
        return await handler(request)

    return middleware
