"""Sign-ins to one account take turns."""

import asyncio

import pytest

from services.auth.model.errors import Overloaded
from services.auth.store.turns import InProcessTurns


async def test_one_passes_and_the_others_wait_in_order() -> None:
    turns, under_way, order = InProcessTurns(1, 30), 0, []

    async def sign_in(number: int) -> None:
        nonlocal under_way
        async with turns.turn("eve"):
            under_way += 1
            assert under_way == 1
            order.append(number)
            await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*map(sign_in, range(20)))
    assert order == list(range(20))


async def test_another_account_does_not_wait() -> None:
    turns = InProcessTurns(1, 30)
    async with turns.turn("eve"), asyncio.timeout(1), turns.turn("bob"):
        pass


async def pass_through(turns: InProcessTurns) -> None:
    async with turns.turn("eve"):
        pass


async def test_nothing_is_kept_of_accounts_that_nobody_asks_for() -> None:
    turns = InProcessTurns(1, 30)
    async with turns.turn("eve"):
        waiting = asyncio.create_task(pass_through(turns))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert set(turns.gates) == {"eve"}
    with pytest.raises(RuntimeError):
        async with turns.turn("eve"):
            raise RuntimeError
    assert turns.gates == {}


async def test_more_than_the_queue_holds_are_sent_away_at_once() -> None:
    turns = InProcessTurns(1, 2)
    async with turns.turn("eve"):
        waiting = [asyncio.create_task(pass_through(turns)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await pass_through(turns)
        async with turns.turn("bob"):
            pass
    await asyncio.gather(*waiting)
    assert turns.gates == {}
