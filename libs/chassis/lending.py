"""Connections of a pool, lent at once while one is at hand.

asyncpg's own acquire and release make a task, a future and two timers: as much as a small statement costs. So a
connection that was used without a fault is kept here for a while instead. Every other one goes back to the pool, which
knows what to do with it: a statement was broken off, say, or the server has gone.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

# A statement may take five seconds, and eight of them hold all connections: who comes then is told so.
ACQUIRE_SECONDS = 3.0
# So often all go back to the pool, which closes those that nobody has needed for minutes.
KEPT_SECONDS = 30.0


class Lender:
    """Of one pool, for one event loop."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.kept: list[asyncpg.Connection] = []
        self.waiting = 0
        self.returning: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection; raises `TimeoutError` if there is none for too long."""
        connection = await self.take()
        try:
            yield connection
        except BaseException:
            await self.pool.release(connection)
            raise
        await self.give_back(connection)

    async def take(self) -> asyncpg.Connection:
        """For `give_back`, or after any fault for the pool's `release`."""
        while self.kept:
            connection = self.kept.pop()
            if _is_open(connection):
                return connection
            await self.pool.release(connection)
        self.waiting += 1
        try:
            return await self.pool.acquire(timeout=ACQUIRE_SECONDS)
        finally:
            self.waiting -= 1

    async def give_back(self, connection: asyncpg.Connection) -> None:
        """After use without a fault."""
        if self.waiting:
            # They wait at the pool's door, not here.
            await self.pool.release(connection)
            return
        self.kept.append(connection)
        if self.returning is None:
            self.returning = asyncio.create_task(self._return_later())

    async def close(self) -> None:
        """Lends nothing that is at hand any more."""
        if self.returning is not None:
            self.returning.cancel()
        await self._return_all()

    async def _return_later(self) -> None:
        await asyncio.sleep(KEPT_SECONDS)
        self.returning = None
        await self._return_all()

    async def _return_all(self) -> None:
        while self.kept:
            await self.pool.release(self.kept.pop())


def _is_open(connection: asyncpg.Connection) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:
        # The server closed it, and the pool has taken it back already.
        return False
