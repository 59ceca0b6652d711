"""The demo service: it shows what it received, whatever the prefix."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from io import BytesIO

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tools.demo_upstream.app import create_app

Client = TestClient[web.Request, web.Application]


def part(data: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


HEADER = {"alg": "ES256", "typ": "assertion+jwt", "kid": "k1"}
CLAIMS = {"sub": "user-1", "acr": "aal2", "amr": ["pwd", "swk"], "iat": 1767323045}
TOKEN = f"{part(HEADER)}.{part(CLAIMS)}.c2ln"


@pytest.fixture
async def upstream() -> AsyncIterator[Client]:
    async with TestClient(TestServer(create_app())) as client:
        yield client


async def test_a_program_gets_json_with_everything(upstream: Client) -> None:
    headers = {"Countersign-User": "user-1", "Countersign-Assertion": TOKEN}
    async with upstream.post("/demo/a%20b?x=1&x=2", headers=headers, data="hello") as answer:
        seen = await answer.json()
    assert (seen["method"], seen["path"], seen["query"]) == ("POST", "/demo/a b", "x=1&x=2")
    assert ["Countersign-User", "user-1"] in seen["headers"]
    assert (seen["body_length"], seen["body"]) == (5, "hello")
    assert seen["assertion"] == {"header": HEADER, "claims": CLAIMS}


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", f"{part(HEADER)}.W10.c2ln", "....", "é.é.é"])
async def test_what_is_no_assertion_is_null(upstream: Client, token: str) -> None:
    async with upstream.get("/", headers={"Countersign-Assertion": token}) as answer:
        assert (await answer.json())["assertion"] is None


async def test_a_browser_gets_a_page_with_a_way_back(upstream: Client) -> None:
    headers = {"Accept": "text/html,*/*;q=0.8", "Countersign-Assertion": TOKEN, "X-Other": "<b>bold</b>"}
    async with upstream.get("/demo/hello", headers=headers) as answer:
        page = await answer.text()
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "You are in" in page
    assert 'href="/"' in page
    assert "pwd, swk" in page
    assert "03:04:05 UTC" in page
    assert "<b>bold</b>" not in page
    async with upstream.get("/demo/hello") as answer:
        assert answer.content_type == "application/json"


@pytest.mark.parametrize(
    ("path", "style"), [("/demo/hello", "hello/demo.css"), ("/demo/", "demo.css"), ("/", "demo.css")]
)
async def test_the_page_finds_its_style_below_itself(upstream: Client, path: str, style: str) -> None:
    async with upstream.get(path, headers={"Accept": "text/html"}) as answer:
        assert f'href="{style}"' in await answer.text()
        address = answer.url.join(type(answer.url)(style))
    async with upstream.get(address.path) as answer:
        assert answer.content_type == "text/css"


async def test_a_long_or_binary_body_is_measured_and_not_shown(upstream: Client) -> None:
    for body in (b"\xff\xfe", b"a" * (64 * 1024 + 1)):
        async with upstream.post("/", data=body) as answer:
            seen = await answer.json()
        assert seen["body_length"] == len(body)
        assert "body" not in seen


async def test_an_upload_is_counted_and_hashed(upstream: Client) -> None:
    body = b"0123456789" * 300_000
    async with upstream.put("/demo/upload", data=BytesIO(body)) as answer:
        assert await answer.json() == {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}


async def test_a_stream_comes_line_by_line(upstream: Client) -> None:
    async with upstream.get("/demo/stream?lines=3&pause=0") as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert (await answer.text()).splitlines() == ["line 1 of 3", "line 2 of 3", "line 3 of 3"]
    async with upstream.get("/demo/stream?lines=0&pause=x") as answer:
        assert await answer.text() == ""


async def test_a_websocket_tells_its_headers_and_echoes(upstream: Client) -> None:
    async with upstream.ws_connect("/demo/ws", headers={"Countersign-User": "user-1"}) as socket:
        assert ["Countersign-User", "user-1"] in (await socket.receive_json())["headers"]
        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"
        await socket.send_bytes(b"\x00\xff")
        assert await socket.receive_bytes() == b"\x00\xff"
    async with upstream.get("/demo/ws") as answer:
        assert (await answer.json())["path"] == "/demo/ws"
