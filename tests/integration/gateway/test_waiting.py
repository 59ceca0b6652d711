"""Waiting for the phone: poll, long-poll, events and WebSocket tell the same, and leave nothing behind."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, WSMsgType

from gateway.api import keys
from tests.fakes.gateway_stack import Stack, gateway_stack

WS = ("countersign.v1",)


def address(stack: Stack, challenge: str, face: str = "") -> str:
    return stack.url(f"/v1/mfa/challenges/{challenge}{face}")


async def event(answer: ClientResponse) -> dict[str, Any]:
    """The next event of a stream; pings are passed over."""
    fields: dict[str, str] = {}
    async for line in answer.content:
        text = line.decode().strip()
        if text.startswith(":"):
            continue
        if not text and fields:
            return {**fields, "data": json.loads(fields["data"])}
        name, _, value = text.partition(": ")
        if name:
            fields[name] = value
    raise EOFError


async def waiters(stack: Stack, count: int) -> None:
    """Returns once so many wait."""
    async with asyncio.timeout(5):
        while len(stack.app[keys.NEWS].ears.all()) != count:
            await asyncio.sleep(0.01)


async def test_a_poll_tells_the_state_and_a_hasty_one_is_asked_to_slow_down(stack: Stack) -> None:
    token = stack.auth.partial()
    url = address(stack, stack.twofactor.open_for(token))
    async with stack.http.get(url, headers=stack.bearer(token)) as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "pending")
    async with stack.http.get(url, headers=stack.bearer(token)) as answer:
        assert (answer.status, (await answer.json())["error"]) == (429, "slow_down")
        assert int(answer.headers["Retry-After"]) >= 1
    assert stack.twofactor.readings == 1


async def test_a_long_poll_answers_as_soon_as_the_phone_does(stack: Stack) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    headers = {**stack.bearer(token), "Prefer": "respond-async, wait=20"}
    started = time.monotonic()
    asking = asyncio.create_task(stack.http.get(address(stack, challenge), headers=headers))
    await waiters(stack, 1)
    await asyncio.sleep(0.05)
    await stack.twofactor.move(challenge, "approved")
    async with await asking as answer:
        assert (await answer.json())["status"] == "approved"
        assert answer.headers["Preference-Applied"] == "wait=20"
    assert time.monotonic() - started < 5
    await waiters(stack, 0)


async def test_a_long_poll_that_nobody_answers_ends_with_pending(stack: Stack) -> None:
    token = stack.auth.partial()
    headers = {**stack.bearer(token), "Prefer": "wait=1"}
    async with stack.http.get(address(stack, stack.twofactor.open_for(token)), headers=headers) as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "pending")
    await waiters(stack, 0)


async def test_events_tell_the_state_and_each_change_and_end(stack: Stack) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    async with stack.http.get(address(stack, challenge, "/events"), headers=stack.bearer(token)) as answer:
        assert answer.content_type == "text/event-stream"
        first = await event(answer)
        assert (first["event"], first["data"]["status"], first["retry"]) == ("status", "pending", "2000")
        await stack.twofactor.move(challenge, "denied", reason="by_person")
        last = await event(answer)
        assert (last["data"]["status"], last["data"]["reason"]) == ("denied", "by_person")
        with pytest.raises(EOFError):
            await event(answer)
    await waiters(stack, 0)
    assert stack.twofactor.readings == 1


async def test_who_comes_back_with_the_last_event_is_not_told_again(stack: Stack) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    url = address(stack, challenge, "/events")
    async with stack.http.get(url, headers=stack.bearer(token)) as answer:
        known = (await event(answer))["id"]
    headers = {**stack.bearer(token), "Last-Event-ID": known}
    async with stack.http.get(url, headers=headers) as answer:
        await stack.twofactor.move(challenge, "approved")
        told = await event(answer)
    assert told["data"]["status"] == "approved"
    async with stack.http.get(url, headers={**headers, "Last-Event-ID": told["id"]}) as answer:
        assert answer.status == 204


async def test_a_socket_tells_the_same_and_closes_normally(stack: Stack) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    protocols = (*WS, f"bearer.{token}")
    async with stack.http.ws_connect(address(stack, challenge, "/ws"), protocols=protocols) as ws:
        assert ws.protocol == "countersign.v1"
        assert (await ws.receive_json())["status"] == "pending"
        await stack.twofactor.move(challenge, "approved")
        assert (await ws.receive_json())["status"] == "approved"
        assert (await ws.receive()).type is WSMsgType.CLOSE
        assert ws.close_code == 1000
    await waiters(stack, 0)


async def test_a_talkative_socket_is_shown_out(stack: Stack) -> None:
    token = stack.auth.partial()
    url = address(stack, stack.twofactor.open_for(token), "/ws")
    async with stack.http.ws_connect(url, protocols=WS, headers=stack.bearer(token)) as ws:
        await ws.receive_json()
        await ws.send_str("hello?")
        await ws.receive()
        assert ws.close_code == 1008
    await waiters(stack, 0)


async def test_a_second_tab_hears_it_too(stack: Stack) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    url = address(stack, challenge, "/events")
    async with (
        stack.http.get(url, headers=stack.bearer(token)) as one,
        stack.http.get(url, headers=stack.bearer(token)) as two,
    ):
        await event(one), await event(two)
        await stack.twofactor.move(challenge, "approved")
        assert [(await event(tab))["data"]["status"] for tab in (one, two)] == ["approved", "approved"]


async def test_a_change_between_subscribing_and_reading_is_not_lost(stack: Stack) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    async with stack.app[keys.NEWS].listen(challenge) as ear:
        await stack.twofactor.move(challenge, "approved")
        await asyncio.sleep(0.1)
        news = await ear.next(0.1)
    assert news is not None
    assert news.status == "approved"


async def test_clients_that_go_away_leave_nothing_behind(stack: Stack) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    opened = [await stack.http.get(address(stack, challenge, "/events"), headers=stack.bearer(token)) for _ in range(3)]
    socket = await stack.http.ws_connect(address(stack, challenge, "/ws"), protocols=WS, headers=stack.bearer(token))
    await waiters(stack, 4)
    for answer in opened:
        answer.close()
    socket._response.close()
    await waiters(stack, 0)
    assert stack.app[keys.WAITING].places.total == 0
    assert not stack.app[keys.WAITING].places.taken


async def test_one_login_may_hold_only_so_many_connections(stack: Stack) -> None:
    token = stack.auth.partial()
    url = address(stack, stack.twofactor.open_for(token), "/events")
    opened = [await stack.http.get(url, headers=stack.bearer(token)) for _ in range(8)]
    async with stack.http.get(url, headers=stack.bearer(token)) as answer:
        assert (answer.status, (await answer.json())["error"]) == (429, "too_many_waiters")
    for held in opened:
        held.close()
    await waiters(stack, 0)


async def test_a_draining_gateway_sends_its_waiters_away(valkey_url: str, tmp_path: Path) -> None:
    async with gateway_stack(valkey_url, tmp_path) as stack:
        token = stack.auth.partial()
        challenge = stack.twofactor.open_for(token)
        async with (
            stack.http.get(address(stack, challenge, "/events"), headers=stack.bearer(token)) as events,
            stack.http.ws_connect(
                address(stack, challenge, "/ws"), protocols=WS, headers=stack.bearer(token)
            ) as socket,
        ):
            await event(events), await socket.receive_json()
            started = time.monotonic()
            closing = asyncio.create_task(stack.server.close())
            with pytest.raises(EOFError):
                await event(events)
            await socket.receive()
            assert socket.close_code == 1001
        await closing
    assert time.monotonic() - started < 3


async def test_waiters_hear_again_after_valkey_dropped_the_subscription(stack: Stack) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    async with stack.http.get(address(stack, challenge, "/events"), headers=stack.bearer(token)) as answer:
        await event(answer)
        async with asyncio.timeout(5):
            await stack.app[keys.NEWS].connected.wait()
        # Lost: the message comes while nobody listens.
        await stack.twofactor.redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        await stack.twofactor.move(challenge, "approved")
        async with asyncio.timeout(5):
            assert (await event(answer))["data"]["status"] == "approved"
