"""An aiohttp service behind Countersign: `protect(app, trust)`, `@requires(...)`, `identity(request)`.

Closed unless opened: once `protect` was called, every handler of the application and of its sub-applications needs a
credential that is believed; `@anyone` marks those that do not, `@requires` those that need more.
"""

import functools
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import Any, Final, ParamSpec, TypeVar

from aiohttp import web

from countersign.errors import CannotTell, CountersignError, Insufficient, InvalidToken
from countersign.guard import Guard
from countersign.refusal import refusal_of
from countersign.requirements import Caller, Identity, Requirements
from countersign.trust import Trusts

P = ParamSpec("P")
R = TypeVar("R", bound=web.StreamResponse)
T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

GUARD: Final = web.AppKey("countersign.guard", Guard)
_CALLER: web.RequestKey[Caller] = web.RequestKey("countersign.caller")
_GUARD: web.RequestKey[Guard] = web.RequestKey("countersign.guard", Guard)
_ANYONE: Final = "__countersign_anyone__"


def protect(app: web.Application, trust: Trusts) -> None:
    """Closes the application. To be called while it is set up; `app[GUARD]` is there once it runs.

    Answers 401 with `invalid_token`, 401 with `insufficient_user_authentication` (RFC 9470), 403 with
    `insufficient_scope`, 400 for several credentials at once, and 503 while nothing can be said of tokens.
    """

    async def opened(app: web.Application) -> AsyncGenerator[None]:
        async with trust.open() as guard:
            app[GUARD] = guard
            yield

    @web.middleware
    async def closed(request: web.Request, handler: Handler) -> web.StreamResponse:
        guard = request[_GUARD] = app[GUARD]
        try:
            if not _is_open(request.match_info.handler):
                request[_CALLER] = await guard.identify(request.headers.items())
        except (InvalidToken, CannotTell) as refused:
            return _answer(refused, guard)
        try:
            return await handler(request)
        except Insufficient as refused:
            return _answer(refused, guard)

    app.cleanup_ctx.append(opened)
    app.middlewares.append(closed)


def anyone(handler: T) -> T:
    """Marks a handler (or a class of handlers) that needs no credential; the outermost decorator."""
    setattr(handler, _ANYONE, True)
    return handler


def requires(
    *,
    acr: str | None = None,
    scope: str | Iterable[str] = (),
    max_age: int | None = None,
    groups: str | Iterable[str] = (),
) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Decorates a handler, a method of a `web.View`, or a method that takes the request.

    acr       the weakest level of authentication that will do, as `aal2`
    scope     what the token must allow: one text with spaces between, or several texts
    max_age   how long ago the person may have confirmed, in seconds
    groups    one of them is what the person must belong to, written as `scope`
    """
    requirements = Requirements.of(acr, scope, max_age, groups)

    def decorate(handler: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @functools.wraps(handler)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            require(_request_of(args), requirements)
            return await handler(*args, **kwargs)

        return guarded

    return decorate


def require(request: web.Request, requirements: Requirements) -> Caller:
    """The same inside a handler, where what is needed depends on what is asked; raises a kind of `Insufficient`.

    The middleware answers what is raised here, so do not catch it.
    """
    found = caller(request)
    requirements.require(found, request[_GUARD].clock())
    return found


def identity(request: web.Request) -> Identity:
    """The person who calls, as verified; a service in its own name is answered 403 `caller_refused`."""
    return Requirements().require_person(caller(request))


def caller(request: web.Request) -> Caller:
    """Who calls, a person or a service; raises RuntimeError where nobody was asked (`@anyone`, or no `protect`)."""
    found: Caller | None = request.get(_CALLER)
    if found is None:
        raise RuntimeError("nobody was asked who they are: is the handler @anyone, or protect(app, trust) missing?")
    return found


def _is_open(handler: object) -> bool:
    # Not by inheritance: a class of handlers is closed though its parent is open.
    marks = vars(handler) if isinstance(handler, type) else {_ANYONE: getattr(handler, _ANYONE, False)}
    return marks.get(_ANYONE, False) is True


def _request_of(args: tuple[Any, ...]) -> web.Request:
    for each in args:
        if isinstance(each, web.Request):
            return each
        if isinstance(each, web.View):
            return each.request
    raise TypeError("@requires decorates handlers: there is no request among the arguments")


def _answer(refused: CountersignError, guard: Guard) -> web.Response:
    refusal = refusal_of(refused, guard.realm)
    return web.Response(status=refusal.status, headers=dict(refusal.headers), body=refusal.body)
