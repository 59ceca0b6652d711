"""The phone in the person's other hand, moved through the simulator's control API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession

from tools.demo.story import NUMBER


class Phone:
    """`number` is the national one; +44 throughout."""

    def __init__(self, http: ClientSession, number: str) -> None:
        self.http, self.number = http, number

    @classmethod
    @asynccontextmanager
    async def new(cls, simulator_url: str, number: str) -> AsyncIterator["Phone"]:
        async with ClientSession(simulator_url) as http:
            yield cls(http, number)

    async def screen(self) -> dict[str, Any]:
        """What it shows; it must be enrolled."""
        async with self.http.get(f"/control/phones/44-{self.number}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def number_to_type(self) -> str:
        """What the newest request says is to be typed."""
        return str((await self.pending())["details"][NUMBER])

    async def approve(self) -> None:
        await self._press("approve")

    async def deny(self) -> None:
        await self._press("deny")

    async def has_app(self, has: bool) -> None:
        async with self.http.patch(f"/control/phones/44-{self.number}", json={"registered": has}) as answer:
            assert answer.status == 200, await answer.text()

    async def app_code(self) -> str:
        return str((await self.screen())["app_token"])

    async def sent_code(self) -> str:
        return str((await self.screen())["messages"][0]["code"])

    async def pending(self) -> dict[str, Any]:
        """The request that waits on the screen."""
        for _ in range(200):
            found = [one for one in (await self.screen())["approval_requests"] if one["status"] == "pending"]
            if found:
                return found[0]
            await asyncio.sleep(0.05)
        raise AssertionError("nothing waits on the phone")

    async def _press(self, button: str) -> None:
        uuid = (await self.pending())["uuid"]
        async with self.http.post(f"/control/approval_requests/{uuid}/{button}") as answer:
            assert answer.status == 200, await answer.text()
