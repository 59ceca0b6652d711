"""Who calls, within an ASGI request: known to everything that runs for it, without an argument."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ParamSpec, TypeVar, cast

from countersign.clock import Clock
from countersign.requirements import Identity, Requirements

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Caller:
    """The verified caller of a request; `identity` is None where nobody was asked."""

    identity: Identity | None
    clock: Clock


CALLER: ContextVar[Caller | None] = ContextVar("countersign_caller", default=None)


def _asked() -> tuple[Identity, Clock]:
    caller = CALLER.get()
    if caller is None or caller.identity is None:
        raise RuntimeError("nobody was asked who they are: is the path in `anyone`, or the middleware missing?")
    return caller.identity, caller.clock


async def identity() -> Identity:
    """Who calls, also as `Depends(identity)`; raises RuntimeError where nobody was asked."""
    return _asked()[0]


def require(requirements: Requirements) -> Identity:
    """Who calls, if that suffices; raises a kind of `Insufficient`, which the middleware answers: do not catch it."""
    person, clock = _asked()
    requirements.require(person, clock())
    return person


def needs(
    *, acr: str | None = None, scope: str | Iterable[str] = (), max_age: int | None = None
) -> Callable[[], Awaitable[Identity]]:
    """`requires` as a dependency: `who: Annotated[Identity, Depends(needs(max_age=300))]`."""
    requirements = Requirements.of(acr, scope, max_age)

    async def needed() -> Identity:
        return require(requirements)

    return needed


def requires(
    *, acr: str | None = None, scope: str | Iterable[str] = (), max_age: int | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorates an endpoint, a coroutine or a plain function; its signature stays.

    acr       the weakest level of authentication that will do, as `aal2`
    scope     what the token must allow: one text with spaces between, or several texts
    max_age   how long ago the person may have confirmed, in seconds
    """
    requirements = Requirements.of(acr, scope, max_age)

    def decorate(endpoint: Callable[P, R]) -> Callable[P, R]:
        if inspect.iscoroutinefunction(endpoint):

            @functools.wraps(endpoint)
            async def guarded_coroutine(*args: P.args, **kwargs: P.kwargs) -> object:
                require(requirements)
                return await endpoint(*args, **kwargs)

            return cast("Callable[P, R]", guarded_coroutine)

        @functools.wraps(endpoint)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            require(requirements)
            return endpoint(*args, **kwargs)

        return guarded

    return decorate
