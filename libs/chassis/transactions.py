"""One transaction around what several stores write: `async with pool.together(): ...`.

Stores go on calling `pool.fetchval(...)`. Inside the block those calls use the block's connection, so that what a flow
changes and what it says of the change stand together or not at all. A task that is begun inside the block is not part
of it: two tasks on one connection would meet in the middle of a statement.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from chassis.lending import Lender

CLOSE_SECONDS = 5.0


@dataclass(frozen=True)
class _Begun:
    """A transaction under way: whose it is, and what is to be done once it stands."""

    pool: "JoiningPool"
    task: "asyncio.Task[Any] | None"
    connection: asyncpg.Connection
    afterwards: list[Callable[[], None]] = field(default_factory=list)


_BEGUN: ContextVar[_Begun | None] = ContextVar("BEGUN", default=None)


class JoiningPool:
    """A pool of asyncpg whose calls join the transaction that their caller has begun, if there is one."""

    def __init__(self, pool: asyncpg.Pool, *, closes_within: float = CLOSE_SECONDS) -> None:
        self._pool, self._lender, self._closes_within = pool, Lender(pool), closes_within

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Commits at the end of the block, or rolls back what raises; within another one it is part of that."""
        if self._begun():
            yield
            return
        async with self._lender.lend() as connection:
            begun = _Begun(self, asyncio.current_task(), connection)
            token = _BEGUN.set(begun)
            try:
                async with connection.transaction():
                    yield
            finally:
                _BEGUN.reset(token)
        for act in begun.afterwards:
            act()

    def afterwards(self, act: Callable[[], None]) -> None:
        """Once the transaction under way stands, and never if it does not; at once if there is none."""
        begun = self._begun()
        if begun:
            begun.afterwards.append(act)
        else:
            act()

    @property
    def is_in_transaction(self) -> bool:
        """Whether the caller is inside of `together`."""
        return self._begun() is not None

    async def fetch(self, query: str, *args: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109 as asyncpg's
        return await self._one("fetch", query, args, timeout)

    async def fetchrow(self, query: str, *args: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109 the same
        return await self._one("fetchrow", query, args, timeout)

    async def fetchval(self, query: str, *args: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109 the same
        return await self._one("fetchval", query, args, timeout)

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109 the same
        return await self._one("execute", query, args, timeout)

    def acquire(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A connection: the transaction's own, in which another `transaction()` is a savepoint."""
        begun = self._begun()
        return _lent(begun.connection) if begun else self._lender.lend()

    def get_idle_size(self) -> int:
        """How many connections nobody uses now."""
        return int(self._pool.get_idle_size()) + len(self._lender.kept)

    async def close(self) -> None:
        """Waits for those that are in use, for some seconds; a server that says nothing more keeps nobody."""
        try:
            async with asyncio.timeout(self._closes_within):
                await self._lender.close()
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    def __getattr__(self, name: str) -> Any:
        """Everything else is the pool's."""
        return getattr(self._pool, name)

    async def _one(self, method: str, query: str, args: tuple[Any, ...], seconds: float | None) -> Any:
        begun = self._begun()
        if begun:
            return await getattr(begun.connection, method)(query, *args, timeout=seconds)
        # Not the pool's own `fetch`: it would wait for a free connection without end.
        async with self._lender.lend() as connection:
            return await getattr(connection, method)(query, *args, timeout=seconds)

    def _begun(self) -> _Begun | None:
        begun = _BEGUN.get()
        is_ours = begun is not None and begun.pool is self and begun.task is asyncio.current_task()
        return begun if is_ours else None


@asynccontextmanager
async def _lent(connection: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    yield connection
