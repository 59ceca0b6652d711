"""Work beside answers goes on whatever fails, and ends with the process even where a cancellation is lost."""

import asyncio
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from chassis.beside import beside, repeated


async def test_what_runs_beside_ends_with_the_block() -> None:
    ended = []

    async def story(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    async with beside(story("one"), story("two")):
        await asyncio.sleep(0)
    assert sorted(ended) == ["one", "two"]


async def test_it_ends_also_when_the_block_fails() -> None:
    ended = asyncio.Event()

    async def story() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(ZeroDivisionError):
        async with beside(story()):
            await asyncio.sleep(0)
            raise ZeroDivisionError
    assert ended.is_set()


async def test_a_cancellation_that_is_lost_is_said_again() -> None:
    lost = []

    async def story() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        lost.append("once")
        await asyncio.Event().wait()

    async with asyncio.timeout(5):
        async with beside(story()):
            await asyncio.sleep(0)
    assert lost == ["once"]


async def test_what_fails_is_tried_again_and_said_once_each_time_that_it_goes_away() -> None:
    fates, rounds, over = iter([False, False, True, False, True]), 0, asyncio.Event()

    async def work() -> None:
        nonlocal rounds
        rounds += 1
        if not next(fates, None) and not over.is_set():
            raise ConnectionError

    async def pause() -> None:
        if rounds == 5:
            over.set()
        await asyncio.sleep(0)

    with capture_logs() as lines:
        async with beside(repeated(work, pause, "not_done")):
            await over.wait()
    assert [line["event"] for line in lines] == ["not_done", "not_done"]
    assert rounds >= 5
