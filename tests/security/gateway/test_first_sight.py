"""A token that nobody has seen is judged on the short way, too: with the ordinary way's answer, line and count."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from chassis.accounting import ACCOUNTS
from chassis.keyring import KeyRing, new_key
from chassis.lines import RequestLines
from chassis.request import CLIENT_GONE
from gateway.api.judging import JUDGE, Judge
from gateway.api.keys import AUTHORIZE, ENDED
from tests.fakes.gateway_stack import Stack, gateway_stack
from tests.security.gateway.test_quick_pass import FACES, POLICY, question

CHANGING = {"Date", "X-Request-ID", "Countersign-Assertion", "Content-Length"}
Seen = tuple[int, list[tuple[str, str]], dict[str, Any], tuple[str, str, int]]


class Watched:
    """One face: what it answers, writes and counts, how often tokens are read and judged on the short way."""

    def __init__(self, stack: Stack, face: str) -> None:
        self.stack, self.face, self.quick = stack, face, stack.app[FACES[face][0]]
        self.lines: list[dict[str, Any]] = []
        self.counted: list[tuple[str, str, int]] = []
        self.reads = self.times = 0
        accounts, believe = stack.app[ACCOUNTS], stack.app[AUTHORIZE].believe
        accounts.lines = RequestLines(self._write, severity=logging.DEBUG)
        accounts.observers.append(lambda asked, route, status, _: self.counted.append((asked.method, route, status)))
        self.tokens, believe.tokens = believe.tokens, self
        self.judged, self.quick._judged = self.quick._judged, self._judge

    def _write(self, level: str, fields: dict[str, Any]) -> None:
        assert fields.pop("ms") >= 0
        self.lines.append({**fields, "level": level})

    async def read(self, text: str) -> Any:
        """As `ports.AccessTokens`."""
        self.reads += 1
        return await self.tokens.read(text)

    async def _judge(self, *given: Any) -> Any:
        self.times += 1
        return await self.judged(*given)

    async def ask(self, headers: Any) -> Seen:
        """Status, headers, line and count, but for what differs from one request to the next."""
        url = self.stack.url(self.face)
        async with self.stack.http.get(url, headers=headers, allow_redirects=False) as answer:
            status, told = answer.status, answer.headers
        (line,), (counted,) = self.lines, self.counted
        self.lines.clear()
        self.counted.clear()
        assert line.pop("request_id") == told["X-Request-ID"]
        return status, sorted(pair for pair in told.items() if pair[0] not in CHANGING), line, counted

    async def ask_on_the_ordinary_way(self, headers: Any) -> Seen:
        """The same, judged by nobody before."""
        judge, self.quick.judge = self.quick.judge, None
        seen = await self.ask(headers)
        self.quick.judge = judge
        return seen


@pytest.fixture
async def asked(valkey_url: str, tmp_path: Path) -> AsyncIterator[Stack]:
    async with gateway_stack(valkey_url, tmp_path, POLICY, forward_auth_proxies="127.0.0.0/8") as running:
        yield running


def forged(stack: Stack) -> str:
    forger = KeyRing(stack.clock, [new_key("auth-1", datetime(2020, 1, 1, tzinfo=UTC))])
    stack.auth.keys, own = forger, stack.auth.keys
    text = stack.auth.access()
    stack.auth.keys = own
    return text


TOKENS: dict[str, Callable[[Stack, int], str]] = {
    "good": lambda stack, number: stack.auth.access(jti=f"t-{number}"),
    "confirmed long ago": lambda stack, number: stack.auth.access(auth_time=0, jti=f"t-{number}"),
    "expired": lambda stack, _: stack.auth.access(iat=0, exp=300),
    "for another": lambda stack, _: stack.auth.access(aud="another"),
    "without a second factor": lambda stack, _: stack.auth.access(acr="aal1"),
    "of another kind": lambda stack, _: stack.auth.partial(),
    "of an ended session": lambda stack, number: stack.auth.access(session="s-ended", jti=f"t-{number}"),
    "forged": lambda stack, _: forged(stack),
    "of three parts": lambda _stack, _: "a.b.c",
    "not one": lambda _stack, _: "not one",
}


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("kind", "path", "status"),
    [
        ("good", "/app/x?y=1", 204), ("good", "/app/open/x", 204), ("good", "/vault/x", 204), ("expired", "/app/x", 401),
        ("for another", "/app/x", 401), ("without a second factor", "/app/x", 401), ("of another kind", "/app/x", 401),
        ("of an ended session", "/app/x", 401), ("forged", "/app/x", 401), ("of three parts", "/app/x", 401),
        ("not one", "/app/x", 401), ("confirmed long ago", "/vault/x", (401, 303)), ("expired", "/app/open/x", 204),
        ("good", "/app/../vault", (403, 400)), ("good", "/elsewhere", (403, 404)), ("good", "/app/post", (403, 405)),
    ],
)  # fmt: skip
async def test_both_ways_say_write_and_count_the_same_and_judge_once(
    asked: Stack, face: str, kind: str, path: str, status: int | tuple[int, int]
) -> None:
    watched = Watched(asked, face)
    asked.app[ENDED]._end("s-ended")
    page = {"Accept": "text/html", "User-Agent": "a browser"}
    known = question(face, asked.bearer(), "/app/known")
    known.update(page)
    assert (await watched.ask_on_the_ordinary_way(known))[0] == 204
    seen = []
    for number, way in enumerate((watched.ask_on_the_ordinary_way, watched.ask)):
        watched.reads = watched.times = 0
        headers = question(face, asked.bearer(TOKENS[kind](asked, number)), path)
        headers.update(page)
        seen.append((await way(headers), watched.reads))
        assert watched.times == number
    ordinary, short = seen
    assert short == ordinary
    assert ordinary[0][0] == (status if isinstance(status, int) else status[list(FACES).index(face)])


@pytest.mark.parametrize("face", FACES)
async def test_what_was_judged_on_the_short_way_is_known_then(asked: Stack, face: str) -> None:
    watched = Watched(asked, face)
    await watched.ask(question(face, asked.bearer()))
    fresh = question(face, asked.bearer(TOKENS["good"](asked, 2)))
    first = await watched.ask(fresh)
    assert (first[0], watched.times, len(watched.quick.passed)) == (204, 1, 2)
    assert (await watched.ask(fresh))[:2] == first[:2]
    assert watched.times == 1


@pytest.mark.parametrize("name", ["traceparent", "Cookie", "X-Never-Seen"])
async def test_what_is_unusual_is_not_judged_on_the_short_way(asked: Stack, name: str) -> None:
    face = "/authz/auth-request"
    watched = Watched(asked, face)
    await watched.ask(question(face, asked.bearer()))
    unusual = question(face, asked.bearer(TOKENS["good"](asked, 2)))
    unusual[name] = "a=1"
    assert ((await watched.ask(unusual))[0], watched.times) == (204, 0)


async def test_a_fault_on_the_short_way_is_the_ordinary_ways_500(asked: Stack) -> None:
    face = "/authz/auth-request"
    watched = Watched(asked, face)
    await watched.ask(question(face, asked.bearer()))
    watched.quick.judge = Broken()
    seen = await watched.ask(question(face, asked.bearer(TOKENS["good"](asked, 2))))
    assert (seen[0], seen[2]["refusal"], watched.times) == (500, "RuntimeError", 1)


async def test_who_goes_away_while_he_is_judged_is_counted_once(asked: Stack) -> None:
    face = "/authz/auth-request"
    watched, judge = Watched(asked, face), asked.app[JUDGE]
    hanging = Hanging()
    request = make_mocked_request("GET", face, question(face, asked.bearer()), transport=_Transport())
    slow = Judge(hanging, judge.assertions, judge.proxies)  # type: ignore[arg-type] # hangs
    judging = asyncio.create_task(watched.judged(slow, request, watched.quick._key(request), 0.0))
    await hanging.begun.wait()
    judging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await judging
    assert watched.counted == [("GET", face, CLIENT_GONE)]
    assert [line["status"] for line in watched.lines] == [CLIENT_GONE]


class Broken:
    """A judge with a fault in it."""

    async def decided(self, *_: object) -> None:
        raise RuntimeError


class Hanging:
    """A decision that never comes."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def __call__(self, _approach: object) -> None:
        self.begun.set()
        await asyncio.Event().wait()


class _Transport:
    """As much of one as who asks is known by."""

    def get_extra_info(self, _name: str) -> tuple[str, int]:
        return "127.0.0.1", 1
