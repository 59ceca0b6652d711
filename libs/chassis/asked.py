"""What has been asked is on its way, and awaited when its answer is needed: a flow asks, asks, and then awaits."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import suppress
from typing import Any, Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")


class Asked(Generic[T]):
    """An answer that is read once it is awaited; `read` may raise. Who does not await it hears of no fault, either."""

    __slots__ = ("answer", "read")

    def __init__(self, answer: Awaitable[Any], read: Callable[[Any], T]) -> None:
        self.answer, self.read = answer, read

    def __await__(self) -> Generator[Any, None, T]:
        return self.read((yield from self.answer.__await__()))


def side_by_side(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """Begins it now; a fault is told to whoever awaits it."""
    task = asyncio.create_task(work)
    task.add_done_callback(_look)
    return task


async def both(one: Awaitable[S], other: Awaitable[T]) -> tuple[S, T]:
    """The answers of two that are on their way, the other's too if the one's is a fault: that counts first."""
    try:
        first = await one
    except BaseException:
        with suppress(Exception):
            await other
        raise
    return first, await other


def _look(done: "asyncio.Task[Any]") -> None:
    if not done.cancelled():
        done.exception()
