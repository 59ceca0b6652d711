"""How a peer is asked, over real HTTP: in pieces, in silence, in nonsense."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from gateway.model.client import ClientContext
from gateway.model.errors import ChallengeUnknown, PeerUnavailable
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


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"mfa_token": 1}', b"<html>", b'{"factors": [{}]}', b'{"receipt": 7}']
)
async def test_a_peer_that_talks_nonsense_is_taken_for_away(served: Ask, body: bytes) -> None:
    async def nonsense(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    peer = await served(nonsense)
    auth, twofactor, client = AuthPeer(peer, FakeClock()), TwofactorPeer(peer), ClientContext()
    calls = [
        auth.login("a", "b", client), auth.refresh("r"), auth.exchange("p", "r", client), twofactor.factors("t"),
        twofactor.challenge("t", "c-1"), twofactor.open("t", channel="push", client=client), twofactor.receipt("t"),
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

    twofactor = TwofactorPeer(await served(remember))
    for call in (
        twofactor.challenge("t", challenge),
        twofactor.answer("t", challenge, "1"),
        twofactor.cancel("t", challenge),
    ):
        with pytest.raises(ChallengeUnknown):
            await call
    assert asked == []
