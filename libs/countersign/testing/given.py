"""Trust that needs no opening."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from countersign.guard import Guard


@dataclass(frozen=True)
class GivenTrust:
    """A guard that is there already, in the place of `Trust`."""

    guard: Guard

    def open(self) -> AbstractAsyncContextManager[Guard]:
        """The guard; nothing is opened or closed."""
        return self._open()

    @asynccontextmanager
    async def _open(self) -> AsyncGenerator[Guard]:
        yield self.guard
