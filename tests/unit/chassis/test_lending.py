"""Connections are lent again at once, and only those that can be trusted."""

import asyncio
from typing import Any

import asyncpg
import pytest

from chassis import lending
from chassis.lending import Lender


class FakeConnection:
    """Closed by the server, or taken back by the pool because of that."""

    def __init__(self) -> None:
        self.closed = self.detached = False

    def is_closed(self) -> bool:
        if self.detached:
            raise asyncpg.InterfaceError("the connection has been released back to the pool")
        return self.closed


class FakePool:
    """As many connections as there are, and a queue at the door."""

    def __init__(self, size: int) -> None:
        self.free: asyncio.Queue[FakeConnection] = asyncio.Queue()
        for _ in range(size):
            self.free.put_nowait(FakeConnection())
        self.acquired = self.released = 0

    async def acquire(self, *, timeout: float) -> FakeConnection:
        self.acquired += 1
        return await asyncio.wait_for(self.free.get(), timeout)

    async def release(self, connection: Any) -> None:
        self.released += 1
        if not connection.detached:
            self.free.put_nowait(FakeConnection() if connection.closed else connection)


def lender_over(pool: FakePool) -> Lender:
    over: Any = pool
    return Lender(over)


async def test_a_connection_is_lent_again_without_asking_the_pool() -> None:
    pool = FakePool(1)
    lender = lender_over(pool)
    for _ in range(3):
        async with lender.lend():
            pass
    assert (pool.acquired, pool.released) == (1, 0)
    await lender.close()
    assert pool.released == 1


async def test_after_a_fault_the_pool_decides() -> None:
    pool = FakePool(1)
    lender = lender_over(pool)
    with pytest.raises(ZeroDivisionError):
        async with lender.lend():
            raise ZeroDivisionError
    assert pool.released == 1
    assert not lender.kept


async def test_whoever_waits_at_the_pool_s_door_is_not_passed_over() -> None:
    pool = FakePool(1)
    lender = lender_over(pool)
    first = await lender.take()
    second = asyncio.create_task(lender.take())
    await asyncio.sleep(0)
    await lender.give_back(first)
    assert await asyncio.wait_for(second, 1) is first


@pytest.mark.parametrize("fault", ["closed", "detached"])
async def test_a_connection_that_the_server_ended_is_not_lent(fault: str) -> None:
    pool = FakePool(2)
    lender = lender_over(pool)
    broken: Any = await lender.take()
    await lender.give_back(broken)
    setattr(broken, fault, True)
    assert await lender.take() is not broken


async def test_what_is_kept_goes_back_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "KEPT_SECONDS", 0)
    pool = FakePool(1)
    lender = lender_over(pool)
    async with lender.lend():
        pass
    while lender.returning:
        await asyncio.sleep(0)
    assert pool.released == 1
