"""The key cache asks the network seldom, and goes on without it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from countersign import JwksCache, KeysUnavailable
from tests.fakes.clock import FakeClock


def jwk(kid: str, **changes: Any) -> dict[str, Any]:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    return {**json.loads(ECAlgorithm.to_jwk(public)), "kid": kid, "alg": "ES256", "use": "sig", **changes}


class Issuer:
    """A real HTTP server that publishes `keys`, and can be away or talk nonsense."""

    def __init__(self) -> None:
        self.keys = [jwk("k1")]
        self.asked = 0
        self.answer: web.Response | None = None

    async def serve(self, _request: web.Request) -> web.Response:
        self.asked += 1
        await asyncio.sleep(0.01)
        if self.answer is not None:
            return web.Response(status=self.answer.status, text=self.answer.text)
        return web.json_response({"keys": self.keys})


class SlowIssuer(Issuer):
    """The same, over a network that delivers an answer in two parts."""

    async def serve(self, request: web.Request) -> web.Response:
        whole = json.dumps({"keys": self.keys}).encode()
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(whole))})
        await response.prepare(request)
        for part in (whole[:20], whole[20:]):
            await response.write(part)
            await asyncio.sleep(0.05)
        return response  # type: ignore[return-value]


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def cache(issuer: Issuer, clock: FakeClock) -> AsyncIterator[JwksCache]:
    app = web.Application()
    app.router.add_get("/jwks", issuer.serve)
    async with TestServer(app) as server, ClientSession() as session:
        yield JwksCache(session, str(server.make_url("/jwks")), clock=clock)


async def test_a_hundred_requests_at_once_ask_once(cache: JwksCache, issuer: Issuer) -> None:
    found = await asyncio.gather(*(cache.find("k1") for _ in range(100)))
    assert all(key is not None and key.key_id == "k1" for key in found)
    assert issuer.asked == 1


async def test_a_new_key_is_found_without_waiting_for_the_cache_to_age(
    cache: JwksCache, issuer: Issuer, clock: FakeClock
) -> None:
    await cache.find("k1")
    issuer.keys.append(jwk("k2"))
    clock.advance(seconds=6)
    assert await cache.find("k2") is not None
    assert issuer.asked == 2


async def test_invented_kids_do_not_become_a_flood(cache: JwksCache, issuer: Issuer) -> None:
    await cache.find("k1")
    for number in range(50):
        assert await cache.find(f"invented-{number}") is None
    assert issuer.asked == 1


async def test_a_withdrawn_key_is_forgotten(cache: JwksCache, issuer: Issuer, clock: FakeClock) -> None:
    await cache.find("k1")
    issuer.keys = [jwk("k2")]
    clock.advance(minutes=5)
    assert await cache.find("k1") is None


async def test_known_keys_serve_while_the_issuer_is_away(cache: JwksCache, issuer: Issuer, clock: FakeClock) -> None:
    await cache.find("k1")
    for nonsense in (
        web.Response(status=503),
        web.Response(text="<html>"),
        web.Response(text="[]"),
        web.Response(text='{"keys": 1}'),
    ):
        issuer.answer = nonsense
        clock.advance(minutes=6)
        assert await cache.find("k1") is not None


async def test_without_any_key_it_says_so_and_recovers(cache: JwksCache, issuer: Issuer, clock: FakeClock) -> None:
    issuer.answer = web.Response(status=503)
    with pytest.raises(KeysUnavailable):
        await cache.find("k1")
    issuer.answer = None
    clock.advance(seconds=1)
    assert await cache.find("k1") is not None


async def test_keys_of_another_algorithm_are_left_out(cache: JwksCache, issuer: Issuer) -> None:
    issuer.keys = [jwk("k1"), {"kty": "oct", "k": "c2VjcmV0", "kid": "k2", "alg": "HS256"}, jwk("k3", alg="ES512")]
    assert await cache.find("k1") is not None
    assert await cache.find("k2") is None
    assert await cache.find("k3") is None


async def test_keys_that_arrive_in_two_packets_are_keys(clock: FakeClock) -> None:
    issuer, app = SlowIssuer(), web.Application()
    app.router.add_get("/jwks", issuer.serve)
    async with TestServer(app) as server, ClientSession() as session:
        assert await JwksCache(session, str(server.make_url("/jwks")), clock=clock).find("k1") is not None


async def test_keys_without_end_are_not_read_to_the_end(cache: JwksCache, issuer: Issuer) -> None:
    issuer.answer = web.Response(text='{"keys": [' + " " * 100_000 + "]}")
    with pytest.raises(KeysUnavailable):
        await cache.find("k1")
