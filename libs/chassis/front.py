"""The short way: answers that need no router and no middleware, for what is asked most.

A quick answer is a function of the request that answers at once, or says None; then the request goes the ordinary way,
as if nobody had looked. So it may only ever say what the ordinary way would have said.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Quick = Callable[[web.BaseRequest], web.StreamResponse | None]
# The same for an answer that has to be waited for: None at once, or in the end.
Passing = Callable[[web.BaseRequest], Awaitable[web.StreamResponse | None] | None]
Ordinary = Callable[[Any], Awaitable[web.StreamResponse]]


@dataclass
class Front:
    """`at` answers GET of a request's target, to the letter; `passing` is asked about every other request."""

    at: dict[str, Quick] = field(default_factory=dict)
    passing: Passing | None = None


FRONT: web.AppKey[Front] = web.AppKey("FRONT", Front)


def open_front(app: web.Application, server: web.Server) -> None:
    """Puts the short way before the ordinary one; to be called when the server is made and nobody is connected yet."""
    ordinary, at, passing = server.request_handler, app[FRONT].at, app[FRONT].passing

    def front(request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        # No coroutine of its own: it would stay as long as the request, and ten thousand may wait.
        quick = at.get(request.raw_path)
        if quick is not None:
            answer = quick(request) if request.method == "GET" else None
            return ordinary(request) if answer is None else _at_once(answer)
        begun = passing(request) if passing is not None else None
        return ordinary(request) if begun is None else _end(begun, ordinary, request)

    if at or passing is not None:
        server.request_handler = front


async def _at_once(answer: web.StreamResponse) -> web.StreamResponse:
    return answer


async def _end(begun: Awaitable[web.StreamResponse | None], ordinary: Ordinary, request: Any) -> web.StreamResponse:
    answer = await begun
    return answer if answer is not None else await ordinary(request)
