"""Status endpoints: without authentication, of another login, busy-looped, flooded. The tutorial's samples had all of these."""

import asyncio

import pytest
from aiohttp import WSServerHandshakeError

from gateway.api import keys
from tests.fakes.gateway_stack import ISSUER, Stack

FACES = ["", "/events", "/ws"]
WS = ("countersign.v1",)
UPGRADE = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}  # fmt: skip


async def ask(stack: Stack, challenge: str, face: str, headers: dict[str, str]) -> tuple[int, bytes]:
    headers = {**(UPGRADE if face == "/ws" else {}), **headers}
    async with stack.http.get(stack.url(f"/v1/mfa/challenges/{challenge}{face}"), headers=headers) as answer:
        return answer.status, await answer.read()


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("prefer", [{}, {"Prefer": "wait=1"}])
async def test_anothers_challenge_looks_like_none_through_every_face(
    stack: Stack, face: str, prefer: dict[str, str]
) -> None:
    victim, thief = stack.auth.partial("victim"), stack.auth.partial("thief")
    challenge = stack.twofactor.open_for(victim)
    others = await ask(stack, challenge, face, {**stack.bearer(thief), **prefer})
    nones = await ask(stack, "c-999", face, {**stack.bearer(thief), **prefer})
    assert others == nones
    assert others[0] == 404
    assert not stack.app[keys.NEWS].ears.all()


async def test_a_later_approval_is_not_told_to_another_login_of_the_same_person(stack: Stack) -> None:
    first, second = stack.auth.partial("eve"), stack.auth.partial("eve", txn="t-2")
    challenge = stack.twofactor.open_for(first)
    await stack.twofactor.move(challenge, "approved")
    for face in FACES:
        assert (await ask(stack, challenge, face, stack.bearer(second)))[0] == 404


@pytest.mark.parametrize("face", FACES)
async def test_status_without_a_token_is_refused(stack: Stack, face: str) -> None:
    challenge = stack.twofactor.open_for(stack.auth.partial())
    for headers in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}, {"Cookie": "token=x"}):
        assert (await ask(stack, challenge, face, headers))[0] == 401
    assert (await ask(stack, challenge, face, stack.bearer("garbage")))[0] == 401


@pytest.mark.parametrize("face", FACES)
async def test_a_token_in_the_address_is_not_looked_at(stack: Stack, face: str) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    headers = UPGRADE if face == "/ws" else {}
    for name in ("token", "access_token", "mfa_token"):
        url = stack.url(f"/v1/mfa/challenges/{challenge}{face}?{name}={token}")
        async with stack.http.get(url, headers=headers) as answer:
            assert answer.status == 401


async def test_another_sites_script_cannot_open_the_socket(stack: Stack) -> None:
    token = stack.auth.partial()
    url = stack.url(f"/v1/mfa/challenges/{stack.twofactor.open_for(token)}/ws")
    for origin in ("http://evil.test", "null", ISSUER + ":81", ISSUER.replace("http", "https")):
        with pytest.raises(WSServerHandshakeError) as refused:
            await stack.http.ws_connect(url, headers={**stack.bearer(token), "Origin": origin}, protocols=WS)
        assert refused.value.status == 403
    async with stack.http.ws_connect(url, headers={"Origin": ISSUER}, protocols=(*WS, f"bearer.{token}")) as ws:
        assert (await ws.receive_json())["status"] == "pending"


async def test_the_token_of_a_socket_is_not_sent_back(stack: Stack) -> None:
    token = stack.auth.partial()
    url = stack.url(f"/v1/mfa/challenges/{stack.twofactor.open_for(token)}/ws")
    async with stack.http.ws_connect(url, protocols=(f"bearer.{token}", *WS)) as ws:
        assert token not in str(ws._response.headers)


async def test_a_busy_loop_of_polls_costs_twofactor_one_reading(stack: Stack) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    statuses = await asyncio.gather(*(ask(stack, challenge, "", stack.bearer(token)) for _ in range(50)))
    assert sorted(status for status, _ in statuses) == [200] + [429] * 49
    assert stack.twofactor.readings == 1


async def test_one_login_cannot_take_all_places_and_failures_take_none(stack: Stack) -> None:
    token, thief = stack.auth.partial(), stack.auth.partial("thief")
    challenge = stack.twofactor.open_for(token)
    for _ in range(20):
        assert (await ask(stack, challenge, "/events", stack.bearer(thief)))[0] == 404
    assert stack.app[keys.WAITING].places.total == 0
    url = stack.url(f"/v1/mfa/challenges/{challenge}/events")
    held = [await stack.http.get(url, headers=stack.bearer(token)) for _ in range(12)]
    assert [answer.status for answer in held] == [200] * 8 + [429] * 4
    for answer in held:
        answer.close()


@pytest.mark.parametrize(
    "prefer", ["wait=-1", "wait=1e9", "wait=", "wait", "wait=99999999", "wait=1;wait=2", "x" * 4000, "\u0661=wait"]
)
async def test_a_strange_preference_is_no_preference(stack: Stack, prefer: str) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    await stack.twofactor.move(challenge, "approved")
    assert (await ask(stack, challenge, "", {**stack.bearer(token), "Prefer": prefer}))[0] == 200


@pytest.mark.parametrize(
    "text", [b"", b"nonsense", b"{}", b"[]", b"null", b'{"id":"c-1","status":"won","updated_at":"2026"}', b"\xff"]
)
async def test_nonsense_on_the_channel_disturbs_nobody(stack: Stack, text: bytes) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    asking = asyncio.create_task(ask(stack, challenge, "", {**stack.bearer(token), "Prefer": "wait=10"}))
    await asyncio.sleep(0.1)
    await stack.twofactor.redis.publish("twofactor:challenges", text)
    await stack.twofactor.move(challenge, "approved")
    status, body = await asking
    assert (status, b'"approved"' in body) == (200, True)
