"""The short way: answers that need no router and no middleware, for what is asked most.

A quick answer is a function of the request: it answers at once, or later, or says None; then the request goes the
ordinary way, as if nobody had looked. So it may only ever say what the ordinary way would have said.
"""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from types import CoroutineType
from typing import Any

from aiohttp import web

# The coroutine of an answer that has to be waited for; None in the end where the ordinary way has to go on.
Later = Coroutine[Any, Any, web.StreamResponse | None]
Quick = Callable[[web.BaseRequest], web.StreamResponse | Later | None]
Ordinary = Callable[[Any], Awaitable[web.StreamResponse]]


@dataclass
class Front:
    """`at` answers GET of a request's target, to the letter; `passing` is asked about every other request."""

    at: dict[str, Quick] = field(default_factory=dict)
    passing: Quick | None = None


FRONT: web.AppKey[Front] = web.AppKey("FRONT", Front)


def open_front(app: web.Application, server: web.Server) -> None:
    """Puts the short way before the ordinary one; to be called when the server is made and nobody is connected yet."""
    ordinary, at, passing = server.request_handler, app[FRONT].at, app[FRONT].passing

    def front(request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        # No coroutine of its own: it would stay as long as the request, and ten thousand may wait.
        quick = at.get(request.raw_path)
        if quick is not None:
            answer = quick(request) if request.method == "GET" else None
        else:
            answer = passing(request) if passing is not None else None
        if answer is None:
            return ordinary(request)
        return _end(answer, ordinary, request) if isinstance(answer, CoroutineType) else _at_once(answer)

    if at or passing is not None:
        server.request_handler = front


async def _at_once(answer: Any) -> web.StreamResponse:
    found: web.StreamResponse = answer
    return found


async def _end(begun: Later, ordinary: Ordinary, request: Any) -> web.StreamResponse:
    answer = await begun
    return answer if answer is not None else await ordinary(request)
