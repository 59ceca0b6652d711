"""(f) A service behind the gateway that is malicious: it must not speak for the gateway, for its neighbours, or twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fakes.gateway_stack import Stack, gateway_stack

POLICY = """
[[route]]
prefix = "/evil"
upstream = "http://127.0.0.1:{port}"
name = "evil"
require = "anonymous"

[[route]]
prefix = "/good"
upstream = "{upstream}"
name = "good"
require = "aal2"
"""


@dataclass
class Evil:
    """A server that answers these very bytes, and keeps what it was sent."""

    answer: bytes = b""
    seen: list[bytes] = field(default_factory=list)
    stays: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.seen.append(head)
                writer.write(self.answer)
                await writer.drain()
                if not self.stays:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def evil() -> AsyncIterator[tuple[Evil, int]]:
    service = Evil()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    yield service, server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def gateway(evil: tuple[Evil, int], valkey_url: str, tmp_path: Path) -> AsyncIterator[Stack]:
    policy = POLICY.replace("{port}", str(evil[1]))
    async with gateway_stack(valkey_url, tmp_path, policy, upstream_seconds=2) as running:
        yield running


def answer(*lines: str, body: bytes = b"ok") -> bytes:
    length = [] if any("transfer-encoding" in line.lower() for line in lines) else [f"Content-Length: {len(body)}"]
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, *length, "", ""]).encode("latin-1") + body


async def head_of(gateway: Stack, path: str = "/evil/x", *lines: str) -> tuple[int, bytes]:
    status, everything = await gateway.raw(f"GET {path} HTTP/1.1", "Host: g", *lines)
    return status, everything.partition(b"\r\n\r\n")[0].lower()


# What a browser applies to all of the host, and so to the gateway's own pages and to every other service.
WHOLE_HOST = [
    "Strict-Transport-Security: max-age=0",
    "Clear-Site-Data: *",
    "Alt-Svc: h3=evil.example:443",
    "NEL: {}",
    "Report-To: {}",
    "Public-Key-Pins: x",
    "Expect-CT: x",
    "Origin-Agent-Cluster: ?0",
    "Cross-Origin-Opener-Policy: same-origin",
    "Service-Worker-Allowed: /",
    "Set-Cookie: __Host-session=x; Path=/; Secure",
    "Set-Cookie: __HOST-form=x; Path=/; Secure",
    "X-Request-ID: forged-forged",
    "Server: evil",
]


@pytest.mark.parametrize("header", WHOLE_HOST)
async def test_it_says_nothing_that_holds_for_the_whole_host(
    gateway: Stack, evil: tuple[Evil, int], header: str
) -> None:
    evil[0].answer = answer(header, "X-Own: fine")
    status, head = await head_of(gateway)
    assert status == 200
    assert b"x-own: fine" in head
    assert header.lower().encode() not in head


SPLITS = [
    b"HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: __Host-session=x\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nX: a\nSet-Cookie: __Host-session=x\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nX: a\r\n Set-Cookie: __Host-session=x\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 O\rK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nX y: a\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nSet-Cookie : __Host-session=x\r\nContent-Length: 2\r\n\r\nok",
]
TWICE = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 40\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil",
]
NONSENSE = [
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nevil",
    b"HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 1000 High\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/9.9 200 OK\r\n\r\n",
    b"\x16\x03\x01\x00\xa5",
    b"220 mail.example ESMTP\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 100_000 + b"\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"".join(b"X%d: a\r\n" % number for number in range(5000)) + b"Content-Length: 0\r\n\r\n",
]


@pytest.mark.parametrize("bytes_", [*SPLITS, *TWICE, *NONSENSE], ids=range(len(SPLITS) + len(TWICE) + len(NONSENSE)))
async def test_an_answer_with_two_readings_is_read_in_one_way_or_not_at_all(
    gateway: Stack, evil: tuple[Evil, int], bytes_: bytes
) -> None:
    evil[0].answer, evil[0].stays = bytes_, True
    status, everything = await gateway.raw("GET /evil/x HTTP/1.1", "Host: g")
    assert everything.count(b"HTTP/1.1 ") <= 1, "one answer to one request"
    assert b"\nset-cookie: __host-session" not in everything.lower().replace(b"\r", b"\n")
    assert status in {0, 200, 204, 304, 502}, "0: an answer that had begun was broken off"
    async with gateway.http.get(gateway.url("/good/x"), headers=gateway.bearer()) as other:
        assert (other.status, (await other.json())["path"]) == (200, "/good/x")


async def test_what_it_pours_after_its_answer_reaches_nobody(gateway: Stack, evil: tuple[Evil, int]) -> None:
    evil[0].answer, evil[0].stays = answer() + answer(body=b"poison"), True
    for _ in range(5):
        async with gateway.http.get(gateway.url("/evil/x")) as response:
            assert await response.read() == b"ok"


async def test_it_is_shown_no_token_and_no_cookie_of_ours(gateway: Stack, evil: tuple[Evil, int]) -> None:
    evil[0].answer = answer()
    cookie = await gateway.browser()
    token = gateway.auth.access()
    sent = (f"Cookie: __Host-session={cookie}; theirs=1", f"Authorization: Bearer {token}", "Proxy-Authorization: x")
    await head_of(gateway, "/evil/x", *sent, "Referer: http://g/confirm?x=1")
    seen = evil[0].seen[-1].lower()
    assert b"theirs=1" in seen
    assert cookie.lower().encode() not in seen
    assert b"authorization" not in seen


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/",
        "http://127.0.0.1:1/evil/x",
        "//169.254.169.254/x",
        "/evil/http://169.254.169.254/",
        "/evil/@169.254.169.254/",
        "/evil:80@169.254.169.254/",
        "/evil.169.254.169.254/",
        "/evil\\@169.254.169.254/",
        "*",
        "169.254.169.254:80",
    ],
)
async def test_no_request_target_leads_the_gateway_anywhere_else(
    gateway: Stack, evil: tuple[Evil, int], target: str
) -> None:
    evil[0].answer = answer()
    for method in ("GET", "CONNECT", "OPTIONS"):
        status, _ = await gateway.raw(f"{method} {target} HTTP/1.1", "Host: 169.254.169.254", "Upgrade: h2c")
        assert status in {200, 400, 404, 405}
    for head in evil[0].seen:
        assert head.split(b" ", 2)[1].startswith(b"/evil/")
        assert b"169.254.169.254\r\n" not in head.partition(b"\r\n")[2]
