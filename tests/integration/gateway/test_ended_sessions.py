"""The stream of ended sessions, from a real Valkey to every face of the gateway."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientError, WSMsgType
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as ConnectionLost

from chassis.valkey import connect
from gateway.api import keys
from gateway.model.visit import COOKIE_NAME
from gateway.store.ended_sessions import STREAM, EndedSessions
from tests.fakes.gateway_stack import Stack, gateway_stack
from tests.fakes.silence import silent

LIFE = timedelta(minutes=5)


async def end(redis: Redis, session: str) -> None:
    """As auth does it."""
    await redis.xadd(STREAM, {"sid": session, "at": int(time.time() * 1000)})


async def until(condition: Callable[[], bool], seconds: float = 3.0) -> float:
    """How long it took."""
    started = time.perf_counter()
    while not condition():
        assert time.perf_counter() - started < seconds, "it did not come"
        await asyncio.sleep(0.002)
    return time.perf_counter() - started


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    client = connect(valkey_url)
    yield client
    await client.aclose()


@asynccontextmanager
async def following(url: str, **changed: object) -> AsyncIterator[EndedSessions]:
    client = connect(url)
    ended = EndedSessions(
        client, **{"life": LIFE, "grace": 2.0, "monotonic": time.monotonic, "settles": 0.0, **changed}
    )
    task = asyncio.create_task(ended.run())
    try:
        yield ended
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=0.2)
        await client.aclose()


async def test_what_ended_before_the_start_and_after_it_is_known(valkey_url: str, redis: Redis) -> None:
    for number in range(2500):
        await end(redis, f"early-{number}")
    async with following(valkey_url) as ended:
        assert not ended.is_current
        await asyncio.wait_for(ended.caught_up.wait(), 3)
        assert ended.is_current
        assert all(ended.has(f"early-{number}") for number in (0, 1000, 2499))
        await end(redis, "late")
        assert await until(lambda: ended.has("late")) < 0.5
        assert not ended.has("other")


async def test_who_waits_for_a_session_is_told_at_once(valkey_url: str, redis: Redis) -> None:
    async with following(valkey_url) as ended:
        await ended.caught_up.wait()
        waiting = asyncio.create_task(ended.wait("s-1", 30))
        await asyncio.sleep(0.05)
        started = time.perf_counter()
        await end(redis, "s-1")
        await asyncio.wait_for(waiting, 1)
        assert time.perf_counter() - started < 0.5
        await asyncio.wait_for(ended.wait("s-1", 30), 0.1)
        await ended.wait("another", 0.05)
        assert ended.waiting == {}


async def test_what_cannot_matter_any_more_is_forgotten(valkey_url: str, redis: Redis) -> None:
    now = [0.0]
    async with following(valkey_url, grace=1e9, monotonic=lambda: now[0]) as ended:
        await ended.caught_up.wait()
        await end(redis, "first")
        await until(lambda: ended.has("first"))
        now[0] = 419.0
        await end(redis, "second")
        await until(lambda: ended.has("second"))
        assert ended.has("first")
        now[0] = 421.0
        await end(redis, "third")
        await until(lambda: ended.has("third"))
        assert (ended.has("first"), ended.has("second")) == (False, True)


async def test_after_a_break_what_was_missed_is_heard(valkey_url: str, redis: Redis) -> None:
    async with following(valkey_url, grace=0.6) as ended:
        await ended.caught_up.wait()
        for _ in range(3):
            await redis.client_kill_filter(_type="normal", skipme=True)
            await end(redis, "missed")
        await until(lambda: ended.has("missed"))
        await until(lambda: ended.is_current)


async def test_after_a_break_the_list_is_not_called_complete_before_auth_had_time_to_tell(
    valkey_url: str, redis: Redis
) -> None:
    """This process may be back before auth is: what ended in between is asked for meanwhile."""
    now = [0.0]
    async with following(valkey_url, grace=1e9, monotonic=lambda: now[0], settles=5.0) as ended:
        await ended.caught_up.wait()
        assert ended.is_current
        # Also the second try of the client breaks, so that the follower hears of it.
        lost, ended.redis.xread = ended.redis.xread, broken
        await until(lambda: ended.is_broken)
        ended.redis.xread = lost
        await until(lambda: not ended.is_broken)
        assert not ended.is_current
        now[0] = 4.9
        assert not ended.is_current
        now[0] = 5.1
        assert ended.is_current


async def broken(*_: object, **__: object) -> None:
    raise ConnectionLost("the master died")


async def test_a_silent_valkey_is_not_taken_for_a_quiet_one(valkey_url: str, redis: Redis) -> None:
    async with following(valkey_url, grace=1.5) as ended:
        await ended.caught_up.wait()
        async with silent(valkey_url):
            await until(lambda: not ended.is_current, 4)
        await until(lambda: ended.is_current, 6)


async def session_ended(stack: Stack, ended: Redis) -> None:
    await end(ended, "s-1")
    await until(lambda: stack.app[keys.ENDED].has("s-1"))


async def test_every_face_refuses_an_ended_session(valkey_url: str, tmp_path: Path, redis: Redis) -> None:
    async with gateway_stack(valkey_url, tmp_path, forward_auth_proxies="127.0.0.0/8") as stack:
        bearer, cookie = stack.bearer(), {"Cookie": f"{COOKIE_NAME}={await stack.browser()}"}
        person = {**cookie, "Accept": "text/html"}
        asked = {
            "X-Forwarded-Method": "GET",
            "X-Forwarded-Uri": "/app/x",
            "X-Forwarded-Host": "h",
            "X-Forwarded-Proto": "https",
        }

        async def status(path: str, headers: dict[str, str]) -> int:
            async with stack.http.get(stack.url(path), headers=headers, allow_redirects=False) as answer:
                return answer.status

        def questions() -> list[Awaitable[int]]:
            return [
                status("/app/x", bearer),
                status("/app/x", cookie),
                status("/", person),
                status("/authz/forward-auth", {**asked, **bearer}),
                status("/authz/forward-auth", {**asked, **cookie}),
                status("/app/x", person),
            ]

        assert [await question for question in questions()] == [200, 200, 200, 204, 204, 200]
        await session_ended(stack, redis)
        assert [await question for question in questions()] == [401, 401, 303, 401, 401, 303]
        # Whoever signs in anew has another session, and another session it is.
        assert await status("/app/x", stack.bearer(stack.auth.access(session="s-2", jti="2"))) == 200


async def test_an_open_websocket_closes_when_its_session_ends(stack: Stack, redis: Redis) -> None:
    async with stack.http.ws_connect(stack.url("/app/ws"), headers=stack.bearer()) as socket:
        await socket.send_str("hello")
        assert (await socket.receive()).data == "echo hello"
        started = time.perf_counter()
        await end(redis, "s-1")
        message = await asyncio.wait_for(socket.receive(), 2)
        assert message.type is WSMsgType.CLOSE
        assert message.data == 1008
        assert time.perf_counter() - started < 1


async def test_a_stream_breaks_off_when_its_session_ends(stack: Stack, redis: Redis) -> None:
    async with stack.http.get(stack.url("/app/endless"), headers=stack.bearer()) as answer:
        await answer.content.readany()
        started = time.perf_counter()
        await end(redis, "s-1")
        with pytest.raises(ClientError):
            while await answer.content.readany():
                assert time.perf_counter() - started < 1
    await asyncio.wait_for(stack.upstream.gone.wait(), 2)


@pytest.mark.parametrize(("without", "open_one", "ended_one", "ready"), [
    ("accept", 200, 200, 200), ("introspect", 200, 401, 200), ("refuse", 503, 503, 503),
])  # fmt: skip
async def test_with_the_stream_away_the_setting_decides_and_readiness_says_so(
    valkey_url: str, tmp_path: Path, redis: Redis, without: str, open_one: int, ended_one: int, ready: int
) -> None:
    settings = {"without_revocations": without, "revocations_grace": 1}
    async with gateway_stack(valkey_url, tmp_path, **settings) as stack:
        bearer = stack.bearer()
        async with silent(valkey_url):
            await until(lambda: not stack.app[keys.ENDED].is_current, 4)
            async with stack.http.get(stack.url("/app/x"), headers=bearer) as answer:
                assert answer.status == open_one
            stack.auth.refuse["/v1/sessions"] = (401, {"error": "invalid_token"})
            stack.clock.advance(seconds=1)
            async with stack.http.get(stack.url("/app/x"), headers=bearer) as answer:
                assert answer.status == ended_one
            async with stack.http.get(stack.url("/readyz")) as answer:
                document = await answer.json()
        assert document["notes"]["revocations"] == f"the stream is away: {without}"
        assert (document["checks"]["revocations"] == "ok") == (ready == 200)
        await until(lambda: stack.app[keys.ENDED].is_current, 16)
        stack.auth.refuse.clear()
        async with stack.http.get(stack.url("/app/x"), headers=bearer) as answer:
            assert answer.status == 200
