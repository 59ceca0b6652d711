"""The feed is followed over broken connections, refusals and silence."""

import asyncio
from collections.abc import AsyncIterator

import jwt
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from countersign import Ended, FeedOfEnded, Revocations
from countersign.client import ClientSecret, PrivateKeyJwt
from countersign.client.tokens import TOKEN
from countersign.feed import PATH


class Feed:
    """A server whose connections each tell one of `scripts`, then close (or, the last, stay)."""

    def __init__(self) -> None:
        self.scripts: list[str | web.Response] = []
        self.seen: list[tuple[str | None, str | None]] = []
        self.audiences: list[str] = []
        self.refused = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.headers.get("Authorization"), request.headers.get("Last-Event-ID")))
        script = self.scripts.pop(0) if self.scripts else ""
        if isinstance(script, web.Response):
            return script
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(script.encode())
        if not self.scripts:
            await asyncio.sleep(30)
        return response

    async def token(self, request: web.Request) -> web.Response:
        """A token that names how many there were, for an assertion whose audience is noted."""
        assertion = str((await request.post())["client_assertion"])
        self.audiences.append(jwt.decode(assertion, options={"verify_signature": False})["aud"])
        if len(self.audiences) <= self.refused:
            return web.json_response({"error": "invalid_client"}, status=401)
        return web.json_response({"access_token": f"t{len(self.audiences)}", "token_type": "Bearer", "expires_in": 300})


@pytest.fixture
def server() -> Feed:
    return Feed()


@pytest.fixture
async def address(server: Feed) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get(PATH, server.serve)
    app.router.add_post(TOKEN, server.token)
    async with TestServer(app, shutdown_timeout=0.01) as running:
        yield str(running.make_url("/"))


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


def ended(session: str, number: int) -> str:
    return f'id: {number}-0\nevent: ended\ndata: {{"sid":"{session}","at":1}}\n\n'


def caught_up(number: int) -> str:
    return f"id: {number}-0\nevent: caught_up\ndata: {{}}\n\n"


async def until(condition: "asyncio.Future[None] | object", seconds: float = 3) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.005)


class Pauses(list[float]):
    """Pauses that are noted and not waited for."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        await asyncio.sleep(0)


async def test_a_service_shows_its_credentials_and_learns_who_has_left(
    server: Feed, address: str, http: ClientSession
) -> None:
    server.scripts = [": hello\n\n" + ended("s1", 1) + caught_up(1) + ended("s2", 2)]
    revocations = Revocations()
    async with FeedOfEnded(http, address, ClientSecret("a b", "c:d"), revocations).followed():
        await until(lambda: len(revocations) == 2)
        assert not revocations.is_stale
        with pytest.raises(Ended):
            revocations.require_open("s2")
    assert revocations.is_stale, "whoever stops listening knows that it does not know"
    # a+b:c%3Ad, both parts form-encoded (RFC 6749 section 2.3.1).
    assert server.seen == [("Basic YStiOmMlM0Fk", None)]


def key_of_a_service() -> PrivateKeyJwt:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return PrivateKeyJwt("payments", pem.decode(), "k1")


async def test_with_a_key_each_connection_has_a_token_of_its_own_for_the_issuer(
    server: Feed, address: str, http: ClientSession
) -> None:
    server.scripts, server.refused = [caught_up(1), caught_up(2)], 1
    revocations, issuer = Revocations(), "https://id.example.com/"
    feed = FeedOfEnded(http, address, key_of_a_service(), revocations, issuer=issuer, sleep=Pauses())
    async with feed.followed():
        await until(lambda: revocations.last_id == "2-0")
    assert server.seen == [("Bearer t2", None), ("Bearer t3", "1-0")], "the key is refused once, and asked for again"
    assert set(server.audiences) == {"https://id.example.com"}, "never the inner address: auth would not believe it"


async def test_a_key_that_cannot_sign_is_an_outage_that_is_said(
    address: str, http: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    pauses = Pauses()
    feed = FeedOfEnded(http, address, PrivateKeyJwt("payments", "no key", "k1"), Revocations(), sleep=pauses)
    async with feed.followed():
        await until(lambda: len(pauses) > 1)
    assert "feed of ended sessions" in caplog.text


async def test_after_a_break_it_goes_on_where_it_was(server: Feed, address: str, http: ClientSession) -> None:
    cut_off = "id: 3-0\nevent: ended\ndata: {"
    server.scripts = [caught_up(1) + ended("s2", 2) + cut_off, ended("s3", 3) + caught_up(4)]
    revocations, pauses = Revocations(), Pauses()
    feed = FeedOfEnded(http, address, ClientSecret("a", "b"), revocations, sleep=pauses)
    async with feed.followed():
        await until(lambda: revocations.last_id == "4-0")
        assert (len(revocations), revocations.is_stale) == (2, False)
    assert [last for _, last in server.seen] == [None, "2-0"]
    assert pauses[0] <= 0.1, "at once: a second is all there is"


async def test_refusals_and_nonsense_are_waited_out_politely(server: Feed, address: str, http: ClientSession) -> None:
    server.scripts = [
        web.Response(status=503, headers={"Retry-After": "7"}),
        web.Response(status=401),
        web.Response(text="<html>"),
        "event: ended\ndata: nonsense\n\n",
        web.Response(status=503, headers={"Retry-After": "86400"}),
        web.Response(status=302, headers={"Location": "https://evil.example/"}),
        caught_up(5),
    ]
    revocations, pauses = Revocations(), Pauses()
    async with FeedOfEnded(http, address, ClientSecret("a", "b"), revocations, sleep=pauses).followed():
        await until(lambda: not revocations.is_stale)
    assert pauses[0] >= 7
    assert pauses[4] == 30, "an operator's mistake is not mended by asking often, nor by never asking again"
    assert all(pause <= 30 for pause in pauses)


async def test_a_server_that_is_away_is_found_when_it_comes_back(
    server: Feed, http: ClientSession, free_port: object
) -> None:
    port = free_port()  # type: ignore[operator]
    revocations, app = Revocations(), web.Application()
    app.router.add_get(PATH, server.serve)
    server.scripts = [caught_up(1)]
    feed = FeedOfEnded(http, f"http://127.0.0.1:{port}", ClientSecret("a", "b"), revocations)
    late = TestServer(app, port=port, shutdown_timeout=0.01)
    async with feed.followed():
        await asyncio.sleep(0.1)
        assert revocations.is_stale
        await late.start_server()
        await until(lambda: not revocations.is_stale, 5)
    await late.close()
