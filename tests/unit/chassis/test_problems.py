"""Exceptions become the answers that the table names."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import redis.exceptions
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from chassis.problems import Problem, problem_middleware
from chassis.process import create_app
from chassis.readiness import add_readiness


class OutOfTea(Exception):
    # `status` is a standard member already: it stays the number that it has to be (RFC 9457 section 3.1.2).
    members = {"next_delivery": "Monday", "status": "brewing"}  # noqa: RUF012
    retry_after = 60


class OutOfEarlGrey(OutOfTea):
    pass


@pytest.fixture
async def client() -> AsyncIterator[TestClient[Any, Any]]:
    app = create_app([problem_middleware({OutOfTea: Problem(409, "out_of_tea", "There is no tea.")})])
    raised: dict[str, BaseException] = {
        "tea": OutOfTea(),
        "grey": OutOfEarlGrey(),
        "redis": redis.exceptions.ConnectionError("at redis://user:hunter2@host"),
        "postgres": asyncpg.CannotConnectNowError("starting"),
        "timeout": asyncio.TimeoutError(),
        "bug": KeyError("hunter2"),
    }

    async def fail(request: web.Request) -> web.Response:
        raise raised[request.match_info["what"]]

    app.router.add_get("/{what}", fail)
    add_readiness(app, "tea", lambda: asyncio.sleep(0))
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_a_refusal_carries_its_members_and_when_to_come_back(client: TestClient[Any, Any]) -> None:
    for path in ("/tea", "/grey"):
        answer = await client.get(path)
        assert (answer.status, answer.headers["Retry-After"]) == (409, "60")
        assert await answer.json(content_type="application/problem+json") == {
            "title": "Conflict", "status": 409, "detail": "There is no tea.", "error": "out_of_tea", "next_delivery": "Monday",
        }  # fmt: skip


async def test_a_store_that_is_away_is_a_503_and_says_nothing_else(client: TestClient[Any, Any]) -> None:
    for path in ("/redis", "/postgres", "/timeout"):
        answer = await client.get(path)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert "hunter2" not in await answer.text()


async def test_a_bug_is_a_500_with_a_reference_and_nothing_of_itself(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/bug", headers={"X-Request-ID": "reference-1"})
    body = await answer.json(content_type=None)
    assert (answer.status, body["error"], body["reference"]) == (500, "internal_error", "reference-1")
    assert "hunter2" not in str(body)


async def test_readiness_names_what_is_missing() -> None:
    async def broken() -> None:
        raise ConnectionError

    app = create_app([])
    add_readiness(app, "kettle", broken)
    async with TestClient(TestServer(app)) as client:
        ready, alive = await client.get("/readyz"), await client.get("/livez")
        assert (ready.status, (await ready.json())["checks"]) == (503, {"kettle": "ConnectionError"})
        assert alive.status == 200
