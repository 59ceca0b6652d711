"""Work beside answers."""

import asyncio

from services.twofactor.background import AT_MOST, Tasks


async def test_it_runs_and_its_failures_end_nothing():
    tasks, done = Tasks(), []

    async def work(number):
        if number == 0:
            raise ConnectionError
        done.append(number)

    for number in range(3):
        tasks(work(number))
    await tasks.settle()
    assert done == [1, 2]


async def test_too_much_of_it_is_dropped():
    tasks, release, started = Tasks(), asyncio.Event(), []

    async def work():
        started.append(1)
        await release.wait()

    for _ in range(AT_MOST + 50):
        tasks(work())
    await asyncio.sleep(0)
    assert len(started) == AT_MOST
    release.set()
    await tasks.settle()
    tasks(work())
    await tasks.settle()
    assert len(started) == AT_MOST + 1


async def test_nothing_outlives_the_process():
    tasks, ended = Tasks(), []

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(1)

    life = tasks.ctx(None)
    await anext(life)
    tasks(work())
    await asyncio.sleep(0)
    await anext(life, None)
    assert ended == [1]
