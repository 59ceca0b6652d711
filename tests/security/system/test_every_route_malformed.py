"""Every address of every process, asked in every wrong way we know: refused in words, and never a 500."""

import asyncio
import itertools
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientOSError, ClientSession, ServerDisconnectedError, web
from yarl import URL

import gateway.app
import gateway.settings
import services.auth.app
import services.auth.settings
import services.twofactor.app
import services.twofactor.settings
from tests.security.system.attacker import Victim, lines, raw, status_of
from tools.devstack.stack import Stack

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "PROPFIND"]
IDS = [
    "x", "%00", "%0a", "%0d%0aX:y", "%2e%2e", "..%2f", "%252e", "%ff", "%c0%ae", "%u0041", "%", "%F0%9F%98%80", "-1", "null", "{}", "[]",
    "a" * 3000, "x;y", "x,y", "*", "$", "{x}", "push-00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000000",
]  # fmt: skip
BODIES = [
    b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"\xef\xbb\xbf{}", b"{}", b'{"a":1,"a":2}', b"[" * 50_000, b'{"a":' * 20_000,
    b"1" * 5000, b'{"email":1e999,"password":-0}', b'{"email":"\\ud800","password":"\\u0000"}', b'{"email":{},"password":[]}',
    b'{"email":"a@b.example","password":"x","phone":{"country_code":"\xd9\xa4","number":"' + b"9" * 9000 + b'"}}',
    b'{"channel":"fax"}', b'{"channel":"push","factor_id":"push-x"}', b'{"code":"' + b"0" * 60 + b'"}', b'{"code":123456}',
    b'{"phone":{"country_code":"44","number":"7700 900123","x":1}}', b'{"__proto__":{"x":1}}', b"NaN", b"Infinity",
    b"a=1&a=2", b"grant_type=%ff", b"grant_type=%00", b"=" * 500, b"&" * 5000, b"grant_type", b"token=x&token=y", b"%",
    b"grant_type=refresh_token&refresh_token=csr_" + b"A" * 91, b"token=" + b"x" * 60_000, b"x" * 70_000,
]  # fmt: skip
KINDS = [
    JSON,
    FORM,
    "text/plain",
    "multipart/form-data; boundary=x",
    f"{JSON}; charset=utf-16",
    "x",
    "application/*",
    "a/b/c",
]
ODD_TOKENS = ["x", "a.b.c", "..", "eyJ.eyJ.x", "A" * 5000, "csr_x", "é", "%00", "null", "Bearer x"]
PROBLEM, OAUTH = {"title", "status", "detail", "error"}, {"error", "error_description"}


@dataclass
class Try:
    """One request, and from where it came in this list."""

    base: str
    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def settings_of(stack: Stack, process: str) -> dict[str, Any]:
    return {
        name.removeprefix("COUNTERSIGN_").lower(): text
        for name, text in stack.environments[process].items()
        if name != "COUNTERSIGN_LOG_FORMAT"
    }


def routes_of(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """Base address, method and path of all that each process serves, read off the applications themselves."""
    apps: dict[str, web.Application] = {
        "auth": services.auth.app.build_app(services.auth.settings.Settings(**settings_of(stack, "auth"))),
        "twofactor": services.twofactor.app.build_app(
            services.twofactor.settings.Settings(**settings_of(stack, "twofactor"))
        ),
        "gateway": gateway.app.build_app(gateway.settings.Settings(**settings_of(stack, "gateway"))),
    }
    for name, app in apps.items():
        port = getattr(stack.ports, name)
        for route in app.router.routes():
            path = route.resource.canonical if route.resource else ""
            if route.method != "*" and path != "/{path}":
                yield f"http://127.0.0.1:{port}", route.method, path


def filled(path: str, id_: str) -> str:
    return re.sub(r"\{[^}]*\}", lambda _: id_, path)


def tries(base: str, method: str, path: str, tokens: Mapping[str, str]) -> Iterator[Try]:
    """One thing wrong at a time, all else as good as it gets."""
    here, good = filled(path, IDS[-1]), {"Authorization": f"Bearer {tokens['partial']}"}
    for other in METHODS:
        yield Try(base, other, here, headers=good)
    if "{" in path:
        for id_, token in itertools.product(IDS, tokens.values()):
            yield Try(base, method, filled(path, id_), b"{}" if method == "POST" else None, _with(token))
    for token in (*tokens.values(), *ODD_TOKENS):
        if method != "DELETE" or token != tokens["access"]:
            yield Try(base, method, here, headers=_with(token))
    if method == "POST":
        for body in BODIES:
            yield from (Try(base, method, here, body, {**good, "Content-Type": kind}) for kind in (JSON, FORM))
        for kind, body in itertools.product(KINDS, (b"{}", b"grant_type=x")):
            yield Try(base, method, here, body, {**good, "Content-Type": kind})
        for encoding in ("gzip", "br", "deflate", "zstd", "x"):
            yield Try(base, method, here, b"not packed", {**good, "Content-Type": JSON, "Content-Encoding": encoding})
    for query in ("?", "?%00", "?scope=x&scope=y", "?%ff=%fe", "?a[]=1", f"?{'q' * 5000}"):
        yield Try(base, method, here + query, headers=good)


def _with(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def fault_of(http: ClientSession, each: Try) -> str:
    """What is wrong with the answer; "" if nothing is."""
    address = URL(each.base + each.path, encoded=True)
    request = http.request(each.method, address, data=each.body, headers=each.headers, allow_redirects=False)
    async with request as answer:
        if answer.status >= 500 and answer.status != 503:
            return f"{answer.status}"
        # What was answered well may be a stream without end: not read.
        if answer.status < 400 or each.method == "HEAD" or not _is_api(each.path):
            return ""
        text = await answer.read()
        if answer.content_type not in {JSON, "application/problem+json"}:
            return f"{answer.status} {answer.content_type} {text[:80]!r}"
        members = set(await answer.json(content_type=None))
        wanted = OAUTH if each.path.startswith("/oauth2/") else PROBLEM
        return "" if members >= wanted else f"{answer.status} {members}"


def _is_api(path: str) -> bool:
    return path.startswith(("/v1/", "/oauth2/", "/callbacks/", "/.well-known/"))


@pytest.fixture
async def tokens(victim: Victim) -> dict[str, str]:
    opened = await victim.session()
    return {"partial": await victim.partial(), "access": opened["access_token"]}


async def test_every_route_refuses_every_malformed_request_in_words(
    stack: Stack, http: ClientSession, tokens: dict[str, str]
) -> None:
    everything = [each for route in routes_of(stack) for each in tries(*route, tokens)]
    assert len(everything) > 3000
    places = asyncio.Semaphore(24)
    faults: list[str] = []

    async def attempt(each: Try) -> None:
        async with places:
            # The server hangs up on who sent too much, perhaps just as the next request comes: then once more, and again.
            for _ in range(3):
                with suppress(ClientOSError, ServerDisconnectedError):
                    fault = await fault_of(http, each)
                    break
            else:
                fault = "hung up three times"
        if fault:
            faults.append(f"{fault}: {each.method} {each.path[:90]} {each.headers} {(each.body or b'')[:60]!r}")

    await asyncio.gather(*map(attempt, everything))
    assert not faults, "\n".join([f"{len(faults)} of {len(everything)}", *faults[:20]])
    for process in stack.processes.values():
        assert process.poll() is None


HEADERS = [
    "Authorization: Bearer \xff\xfe",
    "Authorization: \xff",
    "Authorization:",
    "Authorization: Bearer",
    "Authorization: Bearer ",
    "Cookie: __Host-session=\xff; __Host-form=\xff; __Host-note=\xff",
    "Cookie: " + "a=b; " * 1500,
    "Cookie: =;;;=",
    "Host: evil.example",
    "Host: \xff",
    "Content-Length: 99999999999999999999",
    "Content-Length: -1",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: chunked, chunked",
    "Expect: 100-continue",
    "Expect: something-else",
    "Upgrade: h2c",
    "Upgrade: websocket",
    "Connection: keep-alive, Authorization",
    "Range: bytes=0-1,2-3,-5",
    "If-None-Match: \xff",
    "If-Modified-Since: \xff",
    "Accept: text/html;q=\xff",
    "Accept-Language: \xff," + "xx-YY," * 1000,
    "Prefer: wait=99999999999",
    "Prefer: wait=\xff",
    "Last-Event-ID: \xff",
    "Sec-WebSocket-Protocol: bearer.\xff",
    "Content-Type: \xff",
    "Content-Type: application/json; charset=\xff",
    "Content-Encoding: \xff",
    "X-Request-ID: \xff",
    "X-Forwarded-For: \xff, ::1%\xff, 999.1.1.1",
    "X-HTTP-Method-Override: DELETE",
    "User-Agent: \xff",
    "Origin: \xff",
    "X-Authy-Signature: \xff",
]


async def test_headers_that_are_no_text_or_make_no_sense_break_nothing(stack: Stack) -> None:
    places = asyncio.Semaphore(24)

    async def attempt(base: str, method: str, path: str, header: str) -> str:
        async with places:
            head = lines(f"{method} {filled(path, 'x')} HTTP/1.1", header, "Content-Length: 0")
            status = status_of(await raw(int(base.rpartition(":")[2]), head, seconds=3))
        return "" if 100 <= status < 500 or status == 503 else f"{status} {method} {base}{path} {header[:60]!r}"

    asked = [(route, header) for route in routes_of(stack) for header in HEADERS]
    found = await asyncio.gather(*(attempt(*route, header) for route, header in asked))
    assert not [fault for fault in found if fault]


async def test_what_is_only_between_the_services_is_not_offered_outside(victim: Victim, tokens: dict[str, Any]) -> None:
    for path in ("/v1/mfa/receipts", "/metrics", "/v1", "/oauth2", "/.well-known/x", "/v1/users/x"):
        for method, token in itertools.product(("GET", "POST"), tokens.values()):
            assert (await victim.ask(method, path, token))[0] == 404, path
