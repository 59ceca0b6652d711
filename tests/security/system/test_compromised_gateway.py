"""(e) A gateway that was broken into: it has its Valkey user and its assertion key, and sees all traffic.

It must not be able to mint a session or approve a challenge. (That it can use what passes through it, as long as it
passes, is what every proxy can.)
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis.asyncio
from aiohttp import ClientSession
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from redis.exceptions import NoPermissionError, ResponseError

from chassis.clock import system_clock
from tests.security.system.attacker import EXCHANGE, Victim, claims_of, receipt_for, signed
from tools.demo.story import bearer
from tools.devstack.stack import Stack

CHANNEL = "twofactor:challenges"
# What would read, write, list, copy, watch or forget what is another's.
FOREIGN_KEYS = [
    "GET {}", "SET {} 1", "DEL {}", "EXISTS {}", "TYPE {}", "TTL {}", "PEXPIRE {} 1", "PERSIST {}", "HGETALL {}", "HSET {} s approved",
    "HINCRBY {} k 5", "DUMP {}", "TOUCH {}", "OBJECT ENCODING {}", "MEMORY USAGE {}", "WATCH {}", "APPEND {} x", "UNLINK {}",
    "COPY gateway:x {}", "RENAME gateway:x {}", "SMOVE gateway:x {} m", "SUNIONSTORE gateway:y {}", "SORT_RO {}",
    "BITOP NOT gateway:y {}", "PFMERGE gateway:y {}", "XADD {} * a b", "SUBSTR {} 0 1", "GETDEL {}",
]  # fmt: skip
POWERS = [
    "KEYS *", "SCAN 0", "RANDOMKEY", "DBSIZE", "FLUSHALL", "FLUSHDB", "SWAPDB 0 1", "CONFIG GET *", "ACL LIST", "CLIENT LIST",
    "CLIENT PAUSE 1", "CLIENT KILL TYPE normal", "MONITOR", "SHUTDOWN", "REPLICAOF 127.0.0.1 1", "MODULE LIST",
    "SAVE", "BGREWRITEAOF", "SLOWLOG GET", "SCRIPT FLUSH", "SCRIPT KILL", "FUNCTION FLUSH", "PSUBSCRIBE *", "SUBSCRIBE other:x",
    "SUBSCRIBE __keyspace@0__:x", f"PUBLISH {CHANNEL} x", f"SPUBLISH {CHANNEL} x", "PUBLISH auth:x y",
]  # fmt: skip


def of_process(stack: Stack, process: str, name: str) -> str:
    return stack.environments[process][f"COUNTERSIGN_{name}"]


@pytest.fixture
async def valkey(stack: Stack) -> AsyncIterator[Any]:
    """As the gateway's own user."""
    client = redis.asyncio.Redis.from_url(of_process(stack, "gateway", "REDIS_URL"))
    yield client
    await client.aclose()


@pytest.fixture
def assertion_key(stack: Stack) -> ec.EllipticCurvePrivateKey:
    pem = of_process(stack, "gateway", "ASSERTION_KEY").encode()
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


@pytest.fixture
def auth_url(stack: Stack) -> str:
    return of_process(stack, "gateway", "AUTH_URL")


@pytest.fixture
def twofactor_url(stack: Stack) -> str:
    return of_process(stack, "gateway", "TWOFACTOR_URL")


async def kid_of(http: ClientSession, base: str) -> str:
    async with http.get(f"{base}/.well-known/jwks.json") as answer:
        return str((await answer.json())["keys"][0]["kid"])


async def test_it_reads_and_writes_no_key_of_another(valkey: Any, victim: Victim) -> None:
    partial = await victim.partial()
    challenge, login = await victim.push(partial), claims_of(partial)["txn"]
    foreign = [
        f"twofactor:{{{login}}}:challenge:{challenge}",
        f"twofactor:{{{login}}}:open",
        "twofactor:limits:{x}:code_person:3600:",
        "auth:limits:{x}:login_pair:60:y",
        "anything",
    ]
    await valkey.set("gateway:x", "1", px=1000)
    for key in foreign:
        for command in FOREIGN_KEYS:
            with pytest.raises(ResponseError):
                await valkey.execute_command(*command.format(key).split(" "))
        for script in ("return redis.call('GET', ARGV[1])", "return redis.call('HSET', ARGV[1], 's', 'approved')"):
            with pytest.raises(ResponseError, match="ACL"):
                await valkey.eval(script, 0, key)
    assert await victim.status(partial, challenge) == "pending"


@pytest.mark.parametrize("command", POWERS)
async def test_it_has_no_power_over_valkey_itself(valkey: Any, command: str) -> None:
    with pytest.raises(NoPermissionError):
        await valkey.execute_command(*command.split(" "))


async def test_who_is_in_the_network_of_the_stores_without_a_password_hears_that_they_live_and_no_more(
    stack: Stack,
) -> None:
    client: Any = redis.asyncio.Redis(port=stack.valkey.port)
    async with client as stranger:
        assert await stranger.ping()
        for command in [*POWERS, "GET x", "SET x 1", "SUBSCRIBE twofactor:challenges", "XREAD STREAMS auth:ended 0"]:
            with pytest.raises(NoPermissionError):
                await stranger.execute_command(*command.split(" "))


async def test_it_cannot_tell_browsers_that_a_challenge_was_approved(stack: Stack, victim: Victim, valkey: Any) -> None:
    partial = await victim.partial()
    challenge = await victim.push(partial)
    news = json.dumps({"id": challenge, "status": "approved", "reason": None, "updated_at": _now()})
    with pytest.raises(ResponseError):
        await valkey.eval("return redis.call('PUBLISH', ARGV[1], ARGV[2])", 0, CHANNEL, news)
    assert await victim.status(partial, challenge) == "pending"


async def test_a_forged_publication_signs_nobody_in(stack: Stack, victim: Victim) -> None:
    """Even one by twofactor's own Valkey user: news are a hint, the exchange asks."""
    partial = await victim.partial()
    challenge = await victim.push(partial)
    forger = redis.asyncio.Redis.from_url(of_process(stack, "twofactor", "REDIS_URL"))
    waiting = asyncio.create_task(
        victim.ask("GET", f"/v1/mfa/challenges/{challenge}", partial, headers={"Prefer": "wait=10"})
    )
    await asyncio.sleep(0.3)
    for each in (
        b"",
        b"\xff",
        b"[]",
        b'{"id":1}',
        json.dumps({"id": challenge, "status": "won", "updated_at": _now()}).encode(),
        json.dumps({"id": challenge, "status": ["approved"], "updated_at": 7}).encode(),
    ):
        await forger.publish(CHANNEL, each)
    assert not waiting.done(), "what is no news is not heard"
    news = json.dumps({"id": challenge, "status": "approved", "reason": None, "updated_at": _now()})
    while not waiting.done():
        await forger.publish(CHANNEL, news)
        await asyncio.sleep(0.1)
    await forger.aclose()
    assert (await waiting)[1]["status"] == "approved", "the browser is told so"
    assert (await victim.exchange(partial))[1]["error"] == "authorization_pending", "and still not let in"
    assert await victim.status(partial, challenge) == "pending"
    assert not (await victim.ask("GET", "/v1/sessions", partial))[1].get("sessions")


async def test_its_assertion_key_makes_no_receipt_no_login_and_no_session(
    stack: Stack,
    http: ClientSession,
    victim: Victim,
    assertion_key: ec.EllipticCurvePrivateKey,
    auth_url: str,
    twofactor_url: str,
) -> None:
    partial = await victim.partial()
    approvals, logins = await kid_of(http, twofactor_url), await kid_of(http, auth_url)
    for kid in (approvals, logins, "gateway"):
        forged = signed(receipt_for(partial, stack.url), "approval+jwt", kid, assertion_key)
        form = {**EXCHANGE, "subject_token": partial, "receipt": forged}
        assert (await victim.token(form, auth_url))[1]["error"] == "invalid_grant"
        stolen = await victim.session()
        access = signed({**claims_of(stolen["access_token"]), "sub": "x"}, "at+jwt", kid, assertion_key)
        assert (await victim.ask("GET", "/demo/hello", access))[0] == 401
        assert (await victim.ask("GET", "/v1/sessions", access, base=auth_url))[0] == 401
        login = signed(claims_of(partial), "mfa+jwt", kid, assertion_key)
        assert (await victim.ask("GET", "/v1/mfa/factors", login, base=twofactor_url))[0] == 401


async def test_a_receipt_that_passed_through_it_is_good_for_that_login_once(
    victim: Victim, stranger: Victim, auth_url: str, twofactor_url: str
) -> None:
    approved = await victim.approved()
    status, body = await victim.ask("POST", "/v1/mfa/receipts", approved, base=twofactor_url)
    receipt = body["receipt"]
    assert status == 200
    for other in (await victim.partial(), await stranger.partial()):
        form = {**EXCHANGE, "subject_token": other, "receipt": receipt}
        assert (await victim.token(form, auth_url))[1]["error"] == "invalid_grant"
        assert (await victim.ask("POST", "/v1/mfa/receipts", other, base=twofactor_url))[1]["error"] == "invalid_grant"
    for mixed in (
        {"subject_token": receipt, "receipt": approved},
        {"subject_token": approved, "receipt": approved},
        {"subject_token": receipt, "receipt": receipt},
    ):
        assert (await victim.token({**EXCHANGE, **mixed}, auth_url))[1]["error"] == "invalid_grant"
    form = {**EXCHANGE, "subject_token": approved, "receipt": receipt}
    assert (await victim.token(form, auth_url))[0] == 200
    assert (await victim.token(form, auth_url))[1]["error"] == "invalid_grant"
    assert (await victim.ask("POST", "/v1/mfa/receipts", approved, base=twofactor_url))[1].get("receipt") in {
        receipt,
        None,
    }


async def test_an_assertion_that_an_upstream_was_shown_is_no_token_anywhere(
    victim: Victim, auth_url: str, twofactor_url: str
) -> None:
    access = (await victim.session())["access_token"]
    _, seen = await victim.ask("GET", "/demo/hello", access)
    assertion = dict(seen["headers"])["Countersign-Assertion"]
    for base, path in (
        (None, "/demo/hello"),
        (auth_url, "/v1/sessions"),
        (twofactor_url, "/v1/mfa/factors"),
    ):
        assert (await victim.ask("GET", path, assertion, base=base))[0] == 401
    form = {**EXCHANGE, "subject_token": assertion, "receipt": assertion}
    assert (await victim.token(form, auth_url))[1]["error"] == "invalid_grant"


async def test_it_cannot_introspect_or_name_itself_another_client(victim: Victim, auth_url: str) -> None:
    tokens = await victim.session()
    for secret in ({}, {"client_id": "demo"}, {"client_id": "demo", "client_secret": "x" * 20}):
        form = {"token": tokens["access_token"], **secret}
        assert (await victim.ask("POST", "/oauth2/introspect", base=auth_url, data=form))[0] == 401
    refused = await victim.token(
        {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": "demo"}, auth_url
    )
    assert refused[1]["error"] == "invalid_client"


async def test_it_cannot_answer_for_the_vendor(victim: Victim, twofactor_url: str, http: ClientSession) -> None:
    partial = await victim.partial()
    challenge = await victim.push(partial)
    request = (await victim.requests())[0]
    body = {
        "authy_id": 1,
        "device_uuid": "x",
        "callback_action": "approval_request_status",
        "uuid": request["uuid"],
        "status": "approved",
        "approval_request": {"transaction": {"uuid": request["uuid"], "status": "approved"}},
    }
    now = str(int(system_clock().timestamp()))
    for headers in (
        {},
        bearer(partial),
        {"X-Authy-Signature": "x", "X-Authy-Signature-Nonce": now},
        {"X-Authy-Signature": "\u00e9", "X-Authy-Signature-Nonce": now},
        {"X-Authy-Signature": "x" * 8000, "X-Authy-Signature-Nonce": "9" * 8000},
    ):
        async with http.post(f"{twofactor_url}/callbacks/authy", json=body, headers=headers) as answer:
            assert (answer.status, (await answer.json())["error"]) == (401, "invalid_signature")
    assert await victim.status(partial, challenge) == "pending"


def _now() -> str:
    return system_clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")
