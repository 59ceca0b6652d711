"""Attacks through the real proxies: what a stranger says about who it is, about the path, and about the method."""

import base64

import pytest

from tests.integration.forward_auth.asking import Asking
from tests.integration.forward_auth.fronts import HOST

pytestmark = pytest.mark.asyncio(loop_scope="session")
OURS = ("User", "Session", "Acr", "Amr", "Client", "Scope", "Assertion")
SPELLINGS = (
    "Countersign-{}",
    "countersign-{}",
    "COUNTERSIGN-{}",
    "Countersign_{}",
    "countersign_{}",
    "Countersign.{}",
    "Countersign!{}",
    "X-Countersign-{}",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("path", ["/public/x", "/hello"])
async def test_nobody_says_who_they_are(asking: Asking, token: str, spelling: str, path: str) -> None:
    lies = [f"{spelling.format(name)}: root" for name in OURS for _ in range(2)]
    answer = await asking(path, *lies, token=None if path == "/public/x" else token)
    # A proxy may refuse a name that it does not take for one.
    if answer.status == 400:
        return
    assert answer.status == 200
    for name in OURS:
        assert "root" not in answer.told(f"Countersign-{name}")
    if path == "/hello":
        assert len(answer.told("Countersign-User")) == 1


async def test_nobody_has_our_headers_dropped_by_naming_them_in_connection(asking: Asking, token: str) -> None:
    answer = await asking("/hello", "Connection: Countersign-User, Countersign-Assertion, Cookie", token=token)
    if answer.status != 400:
        assert all(len(answer.told(f"Countersign-{name}")) == 1 for name in ("User", "Assertion"))


@pytest.mark.parametrize("prefix", ["X-Forwarded-", "X-Original-", "x_forwarded_"])
async def test_nobody_says_what_was_asked_for(asking: Asking, prefix: str) -> None:
    says = [
        f"{prefix}{name}: {value}"
        for name, value in (
            ("Uri", "/public/x"), ("URI", "/public/x"), ("URL", "/public/x"), ("Method", "GET"), ("Host", "elsewhere.example"),
            ("Proto", "https"), ("For", "127.0.0.1"), ("Prefix", "/public"),
        )
    ]  # fmt: skip
    assert (await asking("/hello", *says)).status == 401
    said = ["X-Rewrite-URL: /public/x", "Forwarded: for=127.0.0.1;host=elsewhere.example"]
    assert (await asking("/hello", *said)).status == 401
    assert (await asking("/read/x", *says, method="DELETE")).status in {403, 405}


async def test_the_service_is_told_the_address_that_was_there(asking: Asking) -> None:
    answer = await asking("/public/x", "X-Forwarded-For: 6.6.6.6", "Forwarded: for=6.6.6.6", "X-Original-URL: /admin")
    assert answer.status == 200
    assert "6.6.6.6" not in str(answer.reached)
    assert answer.told("X-Original-URL") in ([], [""])


@pytest.mark.parametrize(
    "path",
    [
        "//hello", "/public//../hello", "/public/../hello", "/public/./../hello", "/public/%2e%2e/hello", "/public/%2E%2E/hello",
        "/public/.%2e/hello", "/public%2f..%2fhello", "/public/..%2fhello", "/public%2fx", "/public%5c..%5chello", "/public\\..\\hello",
        "/public/..;/hello", "/public;/../hello", "/public;a=b/x", "/Public/x", "/PUBLIC/x", "/public./x", "/public%20/x", "/public%00/x",
        "/public/%252e%252e/hello", "/public/%c0%ae%c0%ae/hello", "/%70ublic/x", "/hello/../public/x", "/./public/../hello", "/hello%3f/public",
        "/public/x/..", "/public/..",
    ],
)  # fmt: skip
async def test_a_path_that_reads_in_two_ways_reaches_nobody(asking: Asking, path: str) -> None:
    answer = await asking(path)
    assert answer.reached is None, (path, answer.reached)
    assert answer.status in {301, 308, 400, 401, 403, 404}


@pytest.mark.parametrize(
    "path", ["/hello;x", "/hello.", "/HELLO", "/hello/", "/a.b", "/hello%20", "/public/x;v=1", "/public/X"]
)
async def test_what_makes_no_difference_is_let_be(asking: Asking, token: str, path: str) -> None:
    answer = await asking(path, token=token)
    assert answer.status == 200
    assert answer.reached is not None


async def test_an_absolute_target_is_its_path_or_nothing(asking: Asking) -> None:
    assert (await asking(f"https://{HOST}/hello")).status in {400, 401, 403}
    assert (await asking("http://elsewhere.example/hello", f"Host: {HOST}")).reached is None


@pytest.mark.parametrize(
    "host",
    ["elsewhere.example", f"{HOST}.", f"{HOST}@elsewhere.example", f"elsewhere.example, {HOST}", HOST.upper(), ""],
)
async def test_a_host_that_no_rule_names_lets_nobody_in(asking: Asking, host: str) -> None:
    answer = await asking("/hello", f"Host: {host}")
    assert answer.reached is None
    assert not 200 < answer.status < 300


async def test_two_hosts_are_none(asking: Asking) -> None:
    answer = await asking("/public/x", f"Host: {HOST}", "Host: elsewhere.example")
    assert answer.status in {400, 403, 404}


@pytest.mark.parametrize(
    "name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X_HTTP_Method_Override"]
)
async def test_what_was_decided_for_one_method_is_not_done_as_another(asking: Asking, name: str) -> None:
    answer = await asking("/read/x", f"{name}: DELETE")
    assert answer.status in {200, 400, 403}
    if answer.status == 200:
        assert answer.told(name) in ([], [""])


async def test_a_websocket_is_opened_for_whoever_has_a_session_and_no_one_else(asking: Asking, token: str) -> None:
    key = base64.b64encode(bytes(16)).decode()
    handshake = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", "Connection: Upgrade")
    refused = await asking.upgrade("/hello/ws", *handshake)
    assert refused.status == 401
    opened = await asking.upgrade("/hello/ws", *handshake, token=token)
    assert opened.status == 101
    assert b"Countersign-User" in opened.body or b"countersign-user" in opened.body
    assert b"Bearer" not in opened.body


async def test_a_plain_request_gets_no_tunnel(asking: Asking) -> None:
    answer = await asking.upgrade(
        "/public/x", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"
    )
    assert answer.status in {200, 400, 403}


async def test_an_oversized_request_lets_nobody_in(asking: Asking) -> None:
    answer = await asking("/hello", f"X-Filler: {'x' * 40_000}")
    assert answer.status in {0, 400, 401, 403, 414, 431, 500, 503}
    assert answer.reached is None
