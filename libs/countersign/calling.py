"""Who calls, within an ASGI request: known to everything that runs for it, without an argument."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ParamSpec, TypeVar, cast

from countersign.clock import Clock
from countersign.requirements import Caller, Identity, Requirements

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Asked:
    """A request and who it comes from; `caller` is None where nobody was asked."""

    caller: Caller | None
    clock: Clock


ASKED: ContextVar[Asked | None] = ContextVar("countersign_asked", default=None)


async def caller() -> Caller:
    """Who calls, a person or a service, also as `Depends(caller)`; raises RuntimeError where nobody was asked."""
    return _asked()[0]


async def identity() -> Identity:
    """The person who calls, also as `Depends(identity)`; a service is answered 403 `caller_refused`."""
    return Requirements().require_person(_asked()[0])


def require(requirements: Requirements) -> Caller:
    """Who calls, if that suffices; raises a kind of `Insufficient`, which the middleware answers: do not catch it."""
    found, clock = _asked()
    requirements.require(found, clock())
    return found


def _asked() -> tuple[Caller, Clock]:
    asked = ASKED.get()
    if asked is None or asked.caller is None:
        raise RuntimeError("nobody was asked who they are: is the path in `anyone`, or the middleware missing?")
    return asked.caller, asked.clock


def needs(
    *,
    acr: str | None = None,
    scope: str | Iterable[str] = (),
    max_age: int | None = None,
    groups: str | Iterable[str] = (),
) -> Callable[[], Awaitable[Identity]]:
    """`requires` as a dependency: `who: Annotated[Identity, Depends(needs(max_age=300))]`."""
    requirements = Requirements.of(acr, scope, max_age, groups)

    async def needed() -> Identity:
        return requirements.require_person(require(requirements))

    return needed


def requires(
    *,
    acr: str | None = None,
    scope: str | Iterable[str] = (),
    max_age: int | None = None,
    groups: str | Iterable[str] = (),
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorates an endpoint, a coroutine or a plain function; its signature stays.

    acr       the weakest level of authentication that will do, as `aal2`
    scope     what the token must allow: one text with spaces between, or several texts
    max_age   how long ago the person may have confirmed, in seconds
    groups    one of them is what the person must belong to, written as `scope`
    """
    requirements = Requirements.of(acr, scope, max_age, groups)

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
