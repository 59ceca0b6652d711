"""Many who wait for an approval at once, and what each of them costs whoever lets them wait."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from aiohttp import ClientResponse, ClientSession

from bench.people import Client, side_by_side
from bench.processes import Server, resident
from tools.demo.story import bearer

A_LOGIN = 100
# So long they wait before it is counted: it is read again what they wait for, and a beat keeps their streams alive.
WAITING_SECONDS = 20.0


async def crowd(client: Client, gateway: Server, many: int) -> float:
    """KiB of the gateway's memory for each who waits, a hundred for each login."""
    asked = await side_by_side([partial(_challenge, client)] * (many // A_LOGIN), 8)
    return await _held(client.http, gateway, [pair for pair in asked for _ in range(A_LOGIN)])


async def bare_crowd(http: ClientSession, floor: Server, many: int, token: str) -> float:
    """The same where a bare handler lets them wait, who send the same headers."""
    return await _held(http, floor, [(token, "0" * 36)] * many)


async def _held(http: ClientSession, server: Server, asked: Sequence[tuple[str, str]]) -> float:
    async with AsyncExitStack() as open_:
        before = resident(server.process)
        await side_by_side([partial(_wait, http, server.url, open_, *pair) for pair in asked], 16)
        await asyncio.sleep(WAITING_SECONDS)
        return (resident(server.process) - before) / len(asked) / 1024


async def _wait(http: ClientSession, url: str, open_: AsyncExitStack, token: str, challenge: str) -> None:
    def ask() -> Any:
        return open_.enter_async_context(http.get(f"{url}/v1/mfa/challenges/{challenge}/events", headers=bearer(token)))

    stream: ClientResponse = await ask()
    while stream.status == 503:
        # As a browser does: too many came at once, and one comes again.
        stream.release()
        await asyncio.sleep(1)
        stream = await ask()
    stream.raise_for_status()
    await until(stream, b"pending")


async def until(stream: ClientResponse, word: bytes) -> None:
    """Returns once a line with it has come; raises EOFError when the stream ends before."""
    while word not in (line := await stream.content.readline()):
        if not line:
            raise EOFError(word)


async def _challenge(client: Client) -> tuple[str, str]:
    partial_token = await client.password(await client.register())
    challenge = await client.post("/v1/mfa/challenges", 201, json={"channel": "push"}, headers=bearer(partial_token))
    return partial_token, str(challenge["id"])
