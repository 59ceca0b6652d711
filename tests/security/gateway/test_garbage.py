"""Malformed, oversized and smuggled requests: each gets a 4xx, and nobody ever a 500."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.routes import api_routes
from tests.fakes.gateway_stack import Stack

JSON = {"Content-Type": "application/json"}
BODIES = [
    b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b'{"email": 1, "password": 2}', b'{"email": "a@b.example"}', b"[" * 60_000,
    b'{"email": "a@b.example", "password": "x", "extra": 1}', b'{"email": "\\ud800", "password": "x"}', b'{"phone": {"number": []}}',
    b'{"email": "a\\u0000@b.example", "password": "\\u0000"}',
]  # fmt: skip
POSTS = [
    "/v1/users",
    "/v1/login",
    "/v1/mfa/factors",
    "/v1/mfa/challenges",
    "/v1/mfa/challenges/c-1/code",
    "/oauth2/token",
]
WRONG_KINDS = ["text/plain", "multipart/form-data", "application/xml", "application/json; charset=\u00e9", ""]


@pytest.mark.parametrize("path", ["/v1/users", "/v1/login", "/oauth2/token"])
@pytest.mark.parametrize("body", BODIES)
async def test_a_malformed_body_is_a_plain_refusal(stack: Stack, path: str, body: bytes) -> None:
    async with stack.http.post(stack.url(path), data=body, headers=JSON) as answer:
        assert 400 <= answer.status < 500
        assert (await answer.json())["error"]


@pytest.mark.parametrize("kind", WRONG_KINDS)
@pytest.mark.parametrize("path", ["/v1/users", "/v1/login", "/oauth2/token"])
async def test_a_body_of_another_kind_is_refused(stack: Stack, path: str, kind: str) -> None:
    lines = [f"POST {path} HTTP/1.1", "Host: g", f"Content-Type: {kind}", "Content-Length: 2"]
    status, _ = await stack.raw(*lines, body=b"{}")
    assert 400 <= status < 500


@pytest.mark.parametrize("path", [*POSTS, "/callbacks/authy"])
async def test_a_huge_body_is_refused_and_not_passed_on(stack: Stack, path: str) -> None:
    headers = {**JSON, **stack.bearer(stack.auth.partial())}
    async with stack.http.post(stack.url(path), data=b"x" * 200_000, headers=headers) as answer:
        assert answer.status == (400 if path == "/oauth2/token" else 413)  # no form: refused unread
    assert not [request for request in stack.twofactor.requests if request[0] == "POST"]


async def test_a_small_packed_body_becomes_no_flood_on_its_way(stack: Stack) -> None:
    """Fifty kilobytes would be fifty megabytes for an upstream that takes packed bodies at its own risk, or not at all."""
    import gzip

    bomb = gzip.compress(b" " * 50_000_000)
    headers = {**JSON, "Content-Encoding": "gzip"}
    for path in ("/v1/login", "/v1/mfa/factors", "/oauth2/revoke", "/callbacks/authy"):
        async with stack.http.post(stack.url(path), data=bomb, headers={**headers, **stack.bearer()}) as answer:
            assert answer.status == 415, path
    async with stack.http.post(stack.url("/app/upload"), data=bomb, headers={**headers, **stack.bearer()}) as answer:
        assert (await answer.json())["received"] == len(bomb)


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "bogus"])
async def test_a_body_that_cannot_be_unpacked_is_refused(stack: Stack, encoding: str) -> None:
    headers = {**JSON, "Content-Encoding": encoding, "Connection": "close"}
    async with stack.http.post(stack.url("/v1/login"), data=b"not packed at all", headers=headers) as answer:
        assert 400 <= answer.status < 500
    headers |= stack.bearer()
    async with stack.http.post(stack.url("/app/upload"), data=b"not packed at all", headers=headers) as answer:
        assert answer.status < 500 or answer.status == 502


SMUGGLED = [
    ["POST /app/public/x HTTP/1.1", "Host: g", "Content-Length: 5", "Transfer-Encoding: chunked"],
    ["POST /app/public/x HTTP/1.1", "Host: g", "Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
    ["POST /app/public/x HTTP/1.1", "Host: g", "Transfer-Encoding: xchunked"],
    ["POST /app/public/x HTTP/1.1", "Host: g", "Transfer-Encoding : chunked"],
    ["POST /app/public/x HTTP/1.1", "Host: g", "Content-Length: 5", "Content-Length: 6"],
    ["POST /app/public/x HTTP/1.1", "Host: g", "Content-Length: +5"],
    ["POST /app/public/x HTTP/1.1", "Host: g", "Content-Length: -5"],
    ["POST /app/public/x HTTP/1.1", "Host: g", "Content-Length: 0x5"],
    ["GET /app/public/x HTTP/1.1", "Host: g", " folded: x"],
    ["GET /app/public/x HTTP/1.1", "Host: g", "Bad Name: x"],
    ["GET /app/public/x HTTP/1.1", "Host: g", "Nul: a\x00b"],
    ["GET /app/public/x HTTP/9.9", "Host: g"],
    ["GET  /app/public/x HTTP/1.1", "Host: g"],
    ["NONSENSE"],
]


@pytest.mark.parametrize("lines", SMUGGLED)
async def test_a_request_with_two_readings_reaches_nobody(stack: Stack, lines: list[str]) -> None:
    status, _ = await stack.raw(*lines, body=b"0\r\n\r\nGET /app/x HTTP/1.1\r\nHost: g\r\n\r\n")
    assert 400 <= status < 500
    assert stack.upstream.paths == []


async def test_huge_headers_are_refused(stack: Stack) -> None:
    for line in ("X: " + "a" * 20_000, "Cookie: " + "a=1; " * 5000):
        status, _ = await stack.raw("GET /app/x HTTP/1.1", "Host: g", line)
        assert status in {400, 431}
    status, _ = await stack.raw(f"GET /{'a' * 20_000} HTTP/1.1", "Host: g")
    assert status in {400, 414}
    assert stack.upstream.paths == []


async def test_bytes_that_are_no_text_in_headers_break_nothing(stack: Stack) -> None:
    token = stack.auth.partial()
    odd = [
        "User-Agent: \udcff\udcfe",
        "X-Request-ID: \udcff",
        "X-Forwarded-For: \udcff",
        "Cookie: \udcff=\udcfe",
        "Accept: \udcff",
    ]
    for path in ("/app/public/x", "/sign-in", "/v1/mfa/factors", "/livez"):
        status, _ = await stack.raw(f"GET {path} HTTP/1.1", "Host: g", f"Authorization: Bearer {token}", *odd)
        assert status < 500, path
    for line in ("Authorization: Bearer \udcff.\udcfe.x", "Authorization: \udcff"):
        for path in ("/v1/mfa/factors", "/app/x"):
            status, _ = await stack.raw(f"GET {path} HTTP/1.1", "Host: g", line)
            assert 400 <= status < 500, path
    for name in ("__Host-session", "__Host-form", "__Host-note"):
        for path in ("/", "/sign-in", "/sign-up", "/confirm/wait", "/app/x"):
            status, _ = await stack.raw(f"GET {path} HTTP/1.1", "Host: g", f"Cookie: {name}=\udcff")
            assert status < 500, (name, path)


async def test_an_upload_that_stops_half_way_leaves_nothing_open(stack: Stack) -> None:
    lines = [
        "POST /app/upload HTTP/1.1",
        "Host: g",
        f"Authorization: Bearer {stack.auth.access()}",
        "Content-Length: 1000000",
        "",
        "",
    ]
    _, writer = await asyncio.open_connection(stack.server.host, stack.server.port)
    writer.write("\r\n".join(lines).encode() + b"half")
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.close()
    await asyncio.sleep(0.1)
    async with stack.http.get(stack.url("/livez")) as answer:
        assert answer.status == 200


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_no_request_whatsoever_makes_a_500(stack: Stack, data: st.DataObject) -> None:
    paths = [route.path.replace("{id}", "c-1") for route in api_routes()] + [
        "/app/x",
        "/sign-in",
        "/confirm",
        "/",
        "/sign-out",
    ]
    path = data.draw(st.sampled_from(paths))
    method = data.draw(st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "X"]))
    kind = data.draw(st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", "x"]))
    text = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=40)
    body = data.draw(st.one_of(st.binary(max_size=200), text.map(str.encode), st.sampled_from(BODIES)))
    header = data.draw(text)
    lines = [f"{method} {path} HTTP/1.1", "Host: g", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [
        f"Authorization: {header}",
        f"Cookie: __Host-session={header}; __Host-note={header}",
        f"X-Forwarded-For: {header}",
    ]
    status, _ = await stack.raw(*lines, body=body)
    assert 200 <= status < 500
