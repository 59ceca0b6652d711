"""A body that does not fit is refused with what was wrong; nothing a stranger sends becomes a 500."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from chassis.bodies import BODY_PROBLEMS, FORM, Body, read_form, read_json
from chassis.problems import oauth_error, problem_middleware
from chassis.process import create_app
from chassis.responses import json_response


class Order(Body):
    item: str = Field(max_length=10)
    count: int = 1


async def take_json(request: web.Request) -> web.Response:
    return json_response((await read_json(request, Order)).model_dump())


async def take_form(request: web.Request) -> web.Response:
    class Form(Body):
        item: str

    return json_response((await read_form(request, Form)).model_dump())


@pytest.fixture
async def client() -> AsyncIterator[TestClient[Any, Any]]:
    app = create_app([problem_middleware(BODY_PROBLEMS, {"/oauth2/": oauth_error})])
    app.router.add_post("/orders", take_json)
    app.router.add_post("/oauth2/form", take_form)
    async with TestClient(TestServer(app)) as client:
        yield client


async def post(client: TestClient[Any, Any], body: bytes, content_type: str = "application/json") -> tuple[int, Any]:
    answer = await client.post("/orders", data=body, headers={"Content-Type": content_type})
    return answer.status, await answer.json(content_type=None)


async def test_a_good_body_arrives_as_a_type(client: TestClient[Any, Any]) -> None:
    assert await post(client, b'{"item":"tea","count":2}') == (200, {"item": "tea", "count": 2})
    assert await post(client, b'{"item":"tea"}', "application/json; charset=utf-8") == (
        200,
        {"item": "tea", "count": 1},
    )


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"x"', b"1", b"{}", b'{"item":1}', b'{"item":null}', b'{"item":"tea","count":"2"}',
        b'{"item":"tea","count":1.5}', b'{"item":"tea","count":true}', b'{"item":"tea","extra":1}', b'{"item":"\xff"}',
        b'{"item":"\\ud800"}', b'{"item":"much too long for this"}', b"[" * 50_000, b'{"item":"tea","count":1e999}',
        b'{"item":"tea","count":' + b"9" * 5000 + b"}", b"\xff\xfe{\x00", b'{"item":"tea"}{"item":"tea"}', b"NaN",
    ],
)  # fmt: skip
async def test_a_body_that_does_not_fit_is_a_400_that_says_where(client: TestClient[Any, Any], body: bytes) -> None:
    status, problem = await post(client, body)
    assert (status, problem["error"], problem["status"]) == (400, "invalid_request", 400)
    assert problem["errors"]


async def test_the_answer_does_not_repeat_what_was_sent(client: TestClient[Any, Any]) -> None:
    _, problem = await post(client, b'{"item":"tea","count":"hunter2"}')
    assert "hunter2" not in str(problem)


async def test_another_content_type_is_a_415(client: TestClient[Any, Any]) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"):
        assert (await post(client, b'{"item":"tea"}', content_type))[0] == 415


async def test_a_huge_body_is_a_413(client: TestClient[Any, Any]) -> None:
    status, problem = await post(client, b'{"item":"' + b"x" * 100_000 + b'"}')
    assert (status, problem["error"]) == (413, "payload_too_large")


async def test_an_unknown_path_and_method_are_problems_too(client: TestClient[Any, Any]) -> None:
    missing, wrong = await client.get("/nothing"), await client.get("/orders")
    assert (missing.status, (await missing.json(content_type=None))["error"]) == (404, "not_found")
    assert (wrong.status, wrong.headers["Allow"], wrong.content_type) == (405, "POST", "application/problem+json")


@pytest.mark.parametrize(
    "body", [b"item=a&item=b", b"item=%ff", b"item=%zz\xff", b"", b"x=1", b"&".join([b"a=1"] * 100)]
)
async def test_a_bad_form_is_an_oauth_error(client: TestClient[Any, Any], body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post("/oauth2/form", data=body, headers=headers)
    assert answer.status == 400
    assert set(await answer.json()) == {"error", "error_description"}


async def test_what_is_wrong_with_a_form_is_told_in_the_signs_that_oauth_allows(client: TestClient[Any, Any]) -> None:
    strange = b"%22%5C%0A%C3%BC=1&%22%5C%0A%C3%BC=2"
    for body, kind, said in (
        (b"item=a&item=b", FORM, "item is given more than once."),
        (strange, FORM, "???? is given more than once."),
        (b"{}", "application/json", "is not application/x-www-form-urlencoded."),
    ):
        answer = await client.post("/oauth2/form", data=body, headers={"Content-Type": kind})
        told = await answer.json()
        assert (answer.status, told["error"]) == (400, "invalid_request")
        assert told["error_description"] == f"The request body is not valid: {said}"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(body=st.binary(max_size=200))
async def test_any_bytes_are_answered_with_a_4xx(client: TestClient[Any, Any], body: bytes) -> None:
    status, _ = await post(client, body)
    assert 200 <= status < 500


async def test_the_reference_of_a_caller_is_kept_and_a_strange_one_is_not(client: TestClient[Any, Any]) -> None:
    kept = await client.get("/livez", headers={"X-Request-ID": "abcdef-123456"})
    replaced = await client.get("/livez", headers={"X-Request-ID": "a b"})
    assert kept.headers["X-Request-ID"] == "abcdef-123456"
    assert replaced.headers["X-Request-ID"] != "a b"
