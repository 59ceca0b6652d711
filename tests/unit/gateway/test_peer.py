"""How a peer is asked, over real HTTP: in pieces, in silence, in nonsense."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from gateway.model.client import ClientContext
from gateway.model.errors import (
    ChallengeUnknown,
    FreshLoginNeeded,
    InvalidCredentials,
    LimitReached,
    PeerUnavailable,
    TokenRefused,
    WeakPassword,
)
from gateway.peers.auth import AuthPeer
from gateway.peers.http import HttpPeer
from gateway.peers.twofactor import TwofactorPeer
from tests.fakes.clock import FakeClock

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Ask = Callable[[Handler], Awaitable[HttpPeer]]


@pytest.fixture
async def served() -> AsyncIterator[Ask]:
    servers, session = [], ClientSession()

    async def serve(handler: Handler) -> HttpPeer:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        servers.append(TestServer(app))
        await servers[-1].start_server()
        return HttpPeer(session, str(servers[-1].make_url("")).rstrip("/"), seconds=0.5)

    yield serve
    await session.close()
    for server in servers:
        await server.close()


async def test_an_answer_in_pieces_is_one_answer(served: Ask) -> None:
    async def slowly(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        for piece in (b'{"a"', b": 1", b"}"):
            await answer.write(piece)
            await asyncio.sleep(0.02)
        return answer

    assert (await (await served(slowly)).ask("GET", "/")).document == {"a": 1}


async def test_an_answer_that_is_too_large_late_or_broken_is_no_answer(served: Ask) -> None:
    async def large(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x" * 300_000)

    async def late(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(1)
        return web.Response()

    async def broken(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    for handler in (large, late, broken):
        with pytest.raises(PeerUnavailable):
            await (await served(handler)).ask("GET", "/")


async def test_an_answer_that_drips_is_given_up_when_its_time_is_over(served: Ask) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b" ")
            await asyncio.sleep(0.02)

    with pytest.raises(PeerUnavailable):
        await replace(await served(drip), seconds=0.1).ask("GET", "/")


async def test_whoever_gives_up_leaves_no_answer_to_the_next(served: Ask) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/slow":
            asked.set()
            await go_on.wait()
        return web.Response(text=request.path)

    peer = await served(answer)
    given_up = asyncio.create_task(peer.ask("GET", "/slow"))
    await asked.wait()
    given_up.cancel()
    await asyncio.wait({given_up})
    go_on.set()
    assert (await peer.ask("GET", "/fast")).body == b"/fast"


async def test_a_connection_that_was_closed_meanwhile_is_not_held_against_what_can_be_asked_twice(served: Ask) -> None:
    asked: list[str] = []

    async def every_second_time(request: web.Request) -> web.Response:
        asked.append(request.method)
        if len(asked) % 2 == 0:
            assert request.transport is not None
            request.transport.abort()
        return web.Response()

    peer = await served(every_second_time)
    assert [(await peer.ask("GET", "/")).status for _ in range(2)] == [200, 200]
    with pytest.raises(PeerUnavailable):
        await peer.ask("POST", "/", body=b"{}")
    assert asked == ["GET", "GET", "GET", "POST"]


@pytest.mark.parametrize(("method", "body", "length"), [("GET", None, None), ("POST", None, "0"), ("POST", b"{}", "2")])
async def test_a_peer_is_told_what_is_to_be_said_and_nothing_else(
    served: Ask, method: str, body: bytes | None, length: str | None
) -> None:
    seen: dict[str, str] = {}

    async def remember(request: web.Request) -> web.Response:
        seen.update(request.headers)
        assert await request.read() == (body or b"")
        return web.Response()

    await (await served(remember)).ask(method, "/", token="t", body=body)
    assert seen.pop("Host").startswith("127.0.0.1:")
    assert seen == {"Authorization": "Bearer t", **({"Content-Length": length} if length else {})}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"mfa_token": 1}',
        b"<html>",
        b'{"factors": [{}]}',
        b'{"receipt": 7}',
        b'{"sessions": [{}]}',
        b'{"sessions": [{"id": "s", "current": 1, "amr": [], "authenticated_at": "soon"}]}',
    ],
)
async def test_a_peer_that_talks_nonsense_is_taken_for_away(served: Ask, body: bytes) -> None:
    async def nonsense(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    peer = await served(nonsense)
    auth, twofactor, client = AuthPeer(peer, FakeClock()), TwofactorPeer(peer, FakeClock()), ClientContext()
    calls = [
        auth.login("a", "b", client), auth.refresh("r"), auth.exchange("p", "r", client), twofactor.factors("t"),
        auth.sessions("t"), twofactor.challenge("t", "c-1"), twofactor.open("t", channel="push", client=client), twofactor.receipt("t"),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(PeerUnavailable):
            await call


@pytest.mark.parametrize("challenge", ["../factors", "a/b", "a?b", "a#b", "", "..", "a%2fb", "é", "a" * 65, "a\r\nb"])
async def test_an_id_from_outside_stays_one_segment(served: Ask, challenge: str) -> None:
    asked = []

    async def remember(request: web.Request) -> web.StreamResponse:
        asked.append(request.raw_path)
        return web.Response()

    twofactor = TwofactorPeer(await served(remember), FakeClock())
    for call in (
        twofactor.challenge("t", challenge),
        twofactor.answer("t", challenge, "1"),
        twofactor.cancel("t", challenge),
    ):
        with pytest.raises(ChallengeUnknown):
            await call
    assert asked == []


SESSION = "0b7e3b1c-6e0e-4a5b-9a41-3a3f1d2c4b5a"


async def test_sessions_are_read_as_auth_writes_them(served: Ask) -> None:
    entry = {
        "id": SESSION, "current": True, "client_id": "countersign", "device": "Firefox on Linux",
        "place": "203.0.113.0/24", "amr": ["pwd", "swk"], "opened_at": "2026-03-09T14:03:00+00:00",
        "authenticated_at": "2026-03-09T14:03:00+00:00", "last_used_at": "2026-03-09T15:00:00+00:00",
    }  # fmt: skip

    async def list_them(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer t"
        return web.json_response({"sessions": [entry]})

    [session] = await AuthPeer(await served(list_them), FakeClock()).sessions("t")
    assert (session.id, session.is_current, session.device) == (SESSION, True, "Firefox on Linux")
    assert session.last_used_at.hour == 15


async def test_ending_what_has_ended_is_no_error_and_an_odd_id_is_not_asked_about(served: Ask) -> None:
    asked = []

    async def gone(request: web.Request) -> web.Response:
        asked.append((request.method, request.path_qs))
        return web.Response(status=404 if "scope" not in request.query else 204)

    auth = AuthPeer(await served(gone), FakeClock())
    for session in (SESSION, "../users", "", "a?b", "x" * 36):
        await auth.end_one("t", session)
    await auth.end_many("t", this_one_too=False)
    await auth.end_many("t", this_one_too=True)
    assert asked == [
        ("DELETE", f"/v1/sessions/{SESSION}"),
        ("DELETE", "/v1/sessions?scope=others"),
        ("DELETE", "/v1/sessions?scope=global"),
    ]


@pytest.mark.parametrize(
    ("status", "code", "refusal"),
    [
        (403, "wrong_password", InvalidCredentials),
        (401, "insufficient_user_authentication", FreshLoginNeeded),
        (401, "invalid_token", TokenRefused),
        (400, "weak_password", WeakPassword),
        (429, "too_many_attempts", LimitReached),
        (503, "overloaded", PeerUnavailable),
    ],
)
async def test_what_auth_says_of_a_new_password_is_heard(
    served: Ask, status: int, code: str, refusal: type[Exception]
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        assert await request.json() == {"current_password": "old", "new_password": "new"}
        return web.json_response({"error": code}, status=status, content_type="application/problem+json")

    auth = AuthPeer(await served(refuse), FakeClock())
    with pytest.raises(refusal):
        await auth.change_password("t", "old", "new", ClientContext())


async def test_a_phone_that_is_gone_already_is_removed(served: Ask) -> None:
    async def gone(_request: web.Request) -> web.Response:
        return web.Response(status=404)

    await TwofactorPeer(await served(gone), FakeClock()).remove("t", "push-1")
    await TwofactorPeer(await served(gone), FakeClock()).remove("t", "../users")
