"""A process that is killed at its n-th step to the outside: before the step is done, or right after it."""

import inspect
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from chassis.asked import side_by_side
from tests.fakes.twofactor_stores import answered


class Killed(BaseException):
    """Nothing of the process goes on."""


class Process:
    """Watches the stores of one world. `steps`: how many it has begun since; `did`: what was done, by its name."""

    def __init__(self, stores: Iterable[Any]) -> None:
        self.at, self.done, self.steps, self.is_dead = 0, False, 0, False
        self.did: Counter[str] = Counter()
        for store in stores:
            for name in _asked(store):
                setattr(store, name, self._step(getattr(store, name)))

    @contextmanager
    def killed_at(self, step: int, *, done: bool) -> Iterator[None]:
        """`done`: the step had its effect, and only the process never heard of it."""
        self.at, self.done, self.steps, self.is_dead = step, done, 0, False
        yield
        self.at, self.is_dead = 0, False

    def _step(self, method: Any) -> Any:
        # As the ports have it: what is asked is on its way, and a fault is told to whoever awaits it.
        def step(*args: Any, **options: Any) -> Any:
            if self.is_dead:
                raise Killed
            self.steps += 1
            self.is_dead = self.steps == self.at
            if self.is_dead and not self.done:
                return side_by_side(_dying(answered(None)))
            self.did[method.__name__] += 1
            asked = method(*args, **options)
            return side_by_side(_dying(asked) if self.is_dead else _going_on(asked))

        return step


async def _going_on(asked: Any) -> Any:
    return await asked


async def _dying(last: Any) -> None:
    await last
    raise Killed


def _asked(store: Any) -> list[str]:
    names = (name for name, kept in vars(type(store)).items() if not name.startswith("_") and inspect.isfunction(kept))
    return [name for name in names if _is_asked(getattr(store, name))]


def _is_asked(method: Any) -> bool:
    told = str(inspect.signature(method).return_annotation)
    return inspect.iscoroutinefunction(method) or "Awaitable" in told
