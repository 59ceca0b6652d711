"""A process serves once there are tables for what comes."""

from typing import Any

import asyncpg
import pytest
from aiohttp import web

from chassis import housekeeping
from chassis.housekeeping import housekeeping_ctx


class Room:
    """Whose tables cannot be made for as long as `refusals` last."""

    def __init__(self, *refusals: Exception) -> None:
        self.refusals, self.asked = list(refusals), 0

    async def make_room(self) -> None:
        self.asked += 1
        if self.refusals:
            raise self.refusals.pop(0)

    async def __call__(self) -> int:
        return 0


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "PAUSE_SECONDS", 0.001)


async def start(room: Any) -> None:
    async for _ in housekeeping_ctx(lambda _app: room, 60)(web.Application()):
        return


@pytest.mark.usefixtures("at_once")
async def test_a_process_waits_for_the_migration_and_for_whoever_is_at_it() -> None:
    room = Room(asyncpg.UndefinedFunctionError("not yet"), asyncpg.LockNotAvailableError("others"))
    await start(room)
    assert room.asked == 3


async def test_a_process_that_cannot_make_room_does_not_serve() -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await start(Room(asyncpg.InsufficientPrivilegeError("no rights")))
