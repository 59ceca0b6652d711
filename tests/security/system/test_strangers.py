"""(g) Who has nothing: reaches the callback and the public addresses, holds connections, sends what is no HTTP."""

import asyncio
import gzip
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from chassis.clock import system_clock
from services.twofactor.providers.authy_signature import signature
from tests.security.system.attacker import Victim, lines, raw, status_of
from tools.authy_simulator import API_KEY
from tools.demo.story import NUMBER
from tools.devstack.stack import Stack

CALLBACK = "/callbacks/authy"


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    """From an address of their own, where there is one: forged callbacks are counted by network, those of others too."""
    own = ("127.0.0.9", 0) if sys.platform == "linux" else None
    connector = TCPConnector(limit=0, local_addr=own)
    async with ClientSession(timeout=ClientTimeout(total=20), connector=connector, cookie_jar=DummyCookieJar()) as each:
        yield each


async def call_back(
    victim: Victim, body: bytes, nonce: str = "", sign: str = "x", **more: Any
) -> tuple[int, dict[str, Any]]:
    headers = {"X-Authy-Signature": sign, "X-Authy-Signature-Nonce": nonce or now(), "Content-Type": "application/json"}
    return await victim.ask("POST", CALLBACK, data=body, headers={**headers, **more.pop("headers", {})}, **more)


def now(seconds: int = 0) -> str:
    return str(int(system_clock().timestamp()) + seconds)


def answer_to(request: dict[str, Any], status: str = "approved") -> dict[str, Any]:
    """What the vendor would say of this request, but for the signature."""
    transaction = {"uuid": request["uuid"], "status": status, "hidden_details": request.get("hidden_details", {})}
    return {
        "callback_action": "approval_request_status",
        "uuid": request["uuid"],
        "status": status,
        "authy_id": 1,
        "approval_request": {"transaction": transaction},
    }


async def test_who_reaches_only_the_callback_approves_nothing(victim: Victim, stack: Stack) -> None:
    partial = await victim.partial()
    challenge = await victim.push(partial)
    body = answer_to((await victim.requests())[0])
    text, url = json.dumps(body).encode(), stack.url + CALLBACK
    for key in ("", "x", "null", API_KEY[:-1], API_KEY.upper() if API_KEY.upper() != API_KEY else API_KEY.lower()):
        forged = signature(api_key=key, nonce=now(), method="POST", url=url, params=body)
        assert (await call_back(victim, text, sign=forged))[0] == 401
    good = signature(api_key=API_KEY, nonce=now(), method="POST", url=url, params=body)
    for other in ("GET", "PUT", "HEAD", "OPTIONS", "PATCH"):
        assert (await victim.ask(other, CALLBACK, data=text, headers={"X-Authy-Signature": good}))[0] == 405
    for nonce in (now(-301), now(400), "0", "-1", "1e9", "", "x", now() + ".0", " " + now()[1:]):
        late = signature(api_key=API_KEY, nonce=nonce, method="POST", url=url, params=body)
        assert (await call_back(victim, text, nonce=nonce or "x", sign=late))[0] == 401, nonce
    elsewhere = signature(
        api_key=API_KEY, nonce=now(), method="POST", url="http://evil.example" + CALLBACK, params=body
    )
    host = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Original-URL": "/x"}
    assert (await call_back(victim, text, sign=elsewhere, headers=host))[0] == 401
    assert await victim.status(partial, challenge) == "pending"


async def test_who_has_the_vendor_s_key_and_no_password_gets_nothing_of_it(victim: Victim, stack: Stack) -> None:
    """The key signs callbacks and reads requests, so its thief can approve: the login of whoever has the password."""
    partial = await victim.partial()
    challenge = await victim.push(partial)
    request = await victim.pending()
    body = {**answer_to(request), "authy_id": await account_of(victim)}
    nonce = now()
    sign = signature(api_key=API_KEY, nonce=nonce, method="POST", url=stack.url + CALLBACK, params=body)
    assert (await call_back(victim, json.dumps(body).encode(), nonce=nonce, sign=sign))[0] == 200
    shown = (await victim.ask("GET", f"/v1/mfa/challenges/{challenge}", partial))[1]
    assert (shown["status"], shown["waiting_for"]) == ("pending", ["code"]), "approved by the vendor's word"
    number = {"code": request["details"][NUMBER]}
    others = await Victim.of(stack, victim.http)
    for token in (None, "x", await others.partial()):
        status, _ = await victim.ask("POST", f"/v1/mfa/challenges/{challenge}/code", token, json=number)
        assert status in {401, 404}, "the number is typed by whoever has the password, or by nobody"
        assert (await victim.exchange(token or ""))[0] == 400
    assert (await victim.exchange(partial))[1]["error"] == "authorization_pending"


async def account_of(victim: Victim) -> int:
    """The vendor's id of the person, which its API tells to whoever has its key."""
    _, found = await victim.ask("GET", f"/control/phones/{victim.phone}", base=victim.simulator_url)
    return int(found["authy_id"])


async def test_a_good_signature_over_another_body_is_none(victim: Victim, stack: Stack) -> None:
    partial = await victim.partial()
    challenge = await victim.push(partial)
    request = (await victim.requests())[0]
    denied, approved = answer_to(request, "denied"), answer_to(request)
    nonce = now()
    sign = signature(api_key=API_KEY, nonce=nonce, method="POST", url=stack.url + CALLBACK, params=denied)
    bodies = [
        json.dumps(approved).encode(),
        json.dumps(denied)[:-1].encode() + b',"status":"approved"}',
        json.dumps(denied).replace('"denied"', '"approved"', 1).encode(),
        json.dumps({**denied, "x": 1}).encode(),
        gzip.compress(json.dumps(approved).encode()),
    ]
    for body in bodies:
        assert (await call_back(victim, body, nonce=nonce, sign=sign))[0] == 401
    assert await victim.status(partial, challenge) == "pending"


async def test_what_would_cost_much_to_judge_is_cheap_to_refuse(victim: Victim) -> None:
    """Bombs: deep, wide, long, packed. The answer comes at once, and others do not wait for it."""
    key = "k" * 30_000
    bombs = [
        b"[" * 60_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"{" + b",".join(b'"%d":%d' % (n, n) for n in range(5000)) + b"}",
        json.dumps({key: {key: list(range(1000))}}).encode(),
        b'{"n":' + b"9" * 60_000 + b"}",
        b'{"n":1e' + b"9" * 60_000 + b"}",
        b'{"s":"' + b"\\u0000" * 9_000 + b'"}',
        b"{" + b",".join(b'"a":{"a":[%d]}' % n for n in range(3000)) + b"}",
    ]
    started = time.monotonic()
    for bomb in bombs:
        assert (await call_back(victim, bomb))[0] in {401, 413}
        for path in ("/v1/login", "/v1/users"):
            status, _ = await victim.ask("POST", path, data=bomb, headers={"Content-Type": "application/json"})
            assert status in {400, 413}
    packed = gzip.compress(b"0" * 100_000_000)
    for path in ("/v1/login", "/oauth2/token", CALLBACK):
        kind = "application/x-www-form-urlencoded" if "oauth2" in path else "application/json"
        headers = {"Content-Encoding": "gzip", "Content-Type": kind}
        assert (await victim.ask("POST", path, data=packed, headers=headers))[0] == 415
    assert time.monotonic() - started < 15


@asynccontextmanager
async def held(port: int, beginning: bytes, many: int) -> AsyncIterator[list[asyncio.StreamWriter]]:
    """So many connections that have begun to say something and do not go on."""
    opened = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(many)))
    writers = [writer for _, writer in opened]
    for writer in writers:
        writer.write(beginning)
    try:
        yield writers
    finally:
        for writer in writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


LOITERING = [
    b"",
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    b"POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{",
    b"POST /callbacks/authy HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    b"POST /demo/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx",
]


@pytest.mark.parametrize("beginning", LOITERING, ids=["silent", "head", "login", "callback", "upload"])
async def test_two_hundred_who_never_finish_keep_nobody_waiting(stack: Stack, victim: Victim, beginning: bytes) -> None:
    async with held(stack.ports.gateway, beginning, 200):
        started = time.monotonic()
        assert (await victim.exchange(await victim.approved()))[0] == 200
        assert time.monotonic() - started < 10
    assert (await victim.ask("GET", "/livez"))[0] == 200


async def test_who_holds_many_status_streams_is_bounded_and_others_are_told(
    victim: Victim, stranger: Victim, stack: Stack
) -> None:
    partial = await stranger.partial()
    challenge = await stranger.push(partial)
    address = f"/v1/mfa/challenges/{challenge}/events"
    head = lines(f"GET {address} HTTP/1.1", f"Authorization: Bearer {partial}")
    async with held(stack.ports.gateway, head, 40):
        for _ in range(20):
            status = status_of(await raw(stack.ports.gateway, head, seconds=0.3))
            if status == 429:
                break
        assert status == 429
        mine = await victim.partial()
        theirs = await victim.push(mine)
        waiting = asyncio.create_task(
            victim.ask("GET", f"/v1/mfa/challenges/{theirs}", mine, headers={"Prefer": "wait=8"})
        )
        await asyncio.sleep(0.2)
        await victim.press("approve")
        assert (await waiting)[1]["status"] == "approved"
    # Their places are free once the gateway has heard that they are gone.
    async with asyncio.timeout(10):
        while (said := await stranger.status(partial, challenge)) == "429":
            await asyncio.sleep(0.1)
    assert said in {"pending", "slow_down"}


async def test_one_machine_that_registers_without_end_keeps_nobody_from_signing_in(victim: Victim) -> None:
    """Each registration costs what a sign-in costs: forty at a time would take every hashing place there is."""

    async def register(number: int) -> None:
        for again in itertools.count():
            body = {"email": f"flood.{victim.phone}.{number}.{again}@example.com", "password": victim.password}
            await victim.ask("POST", "/v1/users", json=body)
            await asyncio.sleep(0.02)

    flood = [asyncio.create_task(register(number)) for number in range(40)]
    await asyncio.sleep(0.5)
    body = {"email": victim.email, "password": victim.password}
    logins = [(await victim.ask("POST", "/v1/login", json=body))[0] for _ in range(10)]
    for each in flood:
        each.cancel()
    await asyncio.gather(*flood, return_exceptions=True)
    assert logins == [200] * 10
    # What was begun is finished; the tests after this one register, too.
    last = {"email": f"last.{victim.phone}@example.com", "password": victim.password}
    while (await victim.ask("POST", "/v1/users", json=last))[0] == 503:
        await asyncio.sleep(0.1)


PIPELINES = [
    b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" * 200,
    b"GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 34\r\n\r\nGET /demo/hello HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /demo HTTP/1.1\r\n\r\n",
    b"POST /v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGARBAGE\r\n\r\n",
    b"POST /v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\nabcde\r\n0\r\n\r\n",
    b"POST /v1/login HTTP/1.1\nHost: x\nContent-Length: 0\n\n",
    b"GET /livez HTTP/1.1\rHost: x\r\r",
    b"GET\t/livez\tHTTP/1.1\r\nHost: x\r\n\r\n",
    b"\r\n\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x00" * 5000,
    bytes(range(256)) * 40,
    b"A" * 100_000,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
    b"SSH-2.0-x\r\n",
    b"*1\r\n$4\r\nPING\r\n",
]


@pytest.mark.parametrize("bytes_", PIPELINES, ids=range(len(PIPELINES)))
@pytest.mark.parametrize("process", ["gateway", "auth", "twofactor"])
async def test_what_is_no_http_is_shown_out(stack: Stack, process: str, bytes_: bytes) -> None:
    answer = await raw(getattr(stack.ports, process), bytes_, seconds=0.4)
    assert status_of(answer) < 500
    assert b"Traceback" not in answer
    assert b"/work" not in answer
    assert b"assertion" not in answer.lower()


async def test_refusals_tell_nothing_of_the_inside(victim: Victim, http: ClientSession) -> None:
    """No versions, paths, names of libraries or of hosts behind the gateway."""
    inside = [
        b"aiohttp",
        b"python",
        b"traceback",
        b"redis",
        b"valkey",
        b"postgres",
        b"127.0.0.1:",
        b"asyncpg",
        b"pydantic",
    ]
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/nowhere", {}),
        ("PUT", "/v1/login", {}),
        ("POST", "/v1/login", {"data": b"{", "headers": {"Content-Type": "application/json"}}),
        ("POST", "/v1/login", {"json": {"email": 1}}),
        ("POST", "/oauth2/token", {"data": {"grant_type": "x"}}),
        ("GET", "/demo/hello", {}),
        ("GET", "/v1/mfa/challenges/x", {}),
        ("POST", CALLBACK, {"data": b"{}"}),
        ("GET", "/sign-in", {"headers": {"Accept": "text/html"}}),
    ]
    for method, path, more in requests:
        async with http.request(method, victim.url + path, **more) as answer:
            everything = (str(dict(answer.headers)).encode() + await answer.read()).lower()
            assert not [word for word in inside if word in everything], (method, path, everything)
