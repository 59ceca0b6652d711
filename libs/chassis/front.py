"""The short way: answers that need no router, no middleware and no waiting, for the addresses that are asked most.

A quick answer is a function of the request that answers at once, or says None; then the request goes the ordinary way,
as if nobody had looked. So it may only ever say what the ordinary way would have said.
"""

from collections.abc import Callable

from aiohttp import web

Quick = Callable[[web.BaseRequest], web.StreamResponse | None]
# By the request's target, to the letter; GET only.
QUICK: web.AppKey[dict[str, Quick]] = web.AppKey("QUICK", dict)


def put_quick(app: web.Application, path: str, quick: Quick) -> None:
    """Asks `quick` before anything else is done about GET `path`."""
    app[QUICK][path] = quick


def open_front(app: web.Application, server: web.Server) -> None:
    """Puts the short way before the ordinary one; to be called when the server is made and nobody is connected yet."""
    ordinary, quick_at = server.request_handler, app[QUICK]

    async def front(request: web.BaseRequest) -> web.StreamResponse:
        quick = quick_at.get(request.raw_path)
        if quick is not None and request.method == "GET":
            answer = quick(request)
            if answer is not None:
                return answer
        return await ordinary(request)

    if quick_at:
        server.request_handler = front
