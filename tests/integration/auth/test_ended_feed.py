"""Whatever ends a session, everybody who listens hears of it: over Valkey, over HTTP, after crashes too."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from chassis.clock import system_clock
from services.auth.flows.announce import Announce
from services.auth.model.ended import BEGINNING, Ended, Place
from services.auth.store.ended_feed import ValkeyFeed, read_after
from services.auth.store.outbox import PostgresOutbox
from tests.fakes.auth_clients import let_in, register_of
from tests.fakes.auth_service import PASSWORD, SERVICE, Auth, basic, bearer, serve_auth

STREAM = "auth:ended"
LIFE = timedelta(minutes=5)


@pytest.fixture
async def valkey(valkey_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey_url) as client:
        yield client


async def told(valkey: Redis, sid: str) -> dict[bytes, bytes]:
    """The entry of this session, which has to come within a second."""
    for _ in range(100):
        for _, fields in await valkey.xrange(STREAM):
            if fields[b"sid"].decode() == sid:
                return fields
        await asyncio.sleep(0.01)
    pytest.fail("nobody was told")


async def sid_of(auth: Auth, tokens: dict[str, Any]) -> str:
    sid: str = (await auth.introspect(tokens["access_token"]))["sid"]
    return sid


async def signed_out(auth: Auth, tokens: dict[str, Any], path: str = "/v1/sessions/current") -> None:
    answer = await auth.http.delete(path, headers=bearer(tokens["access_token"]))
    assert answer.status == 204


async def revoked(auth: Auth, tokens: dict[str, Any]) -> None:
    await auth.http.post("/oauth2/revoke", data={"token": tokens["refresh_token"]})


async def reused(auth: Auth, tokens: dict[str, Any]) -> None:
    await auth.refresh(tokens["refresh_token"])
    auth.clock.advance(seconds=11)
    await auth.refresh(tokens["refresh_token"])


async def everywhere(auth: Auth, tokens: dict[str, Any]) -> None:
    await signed_out(auth, tokens, "/v1/sessions?scope=global")


@pytest.mark.parametrize("end", [signed_out, revoked, reused, everywhere])
async def test_whatever_ends_a_session_is_told(auth: Auth, valkey: Redis, end: Any) -> None:
    tokens = await auth.session()
    sid = await sid_of(auth, tokens)
    await end(auth, tokens)
    fields = await told(valkey, sid)
    assert set(fields) == {b"sid", b"at"}
    assert int(fields[b"at"]) == round(auth.clock().timestamp() * 1000)
    assert 0 < await valkey.pttl(STREAM) <= 300_000


async def test_signing_out_elsewhere_and_another_password_are_told_of_the_others_only(
    auth: Auth, valkey: Redis
) -> None:
    person = await auth.register()
    here, there, elsewhere = [await auth.exchange(await auth.sign_in(person.email)) for _ in range(3)]
    sids = [await sid_of(auth, tokens) for tokens in (here, there, elsewhere)]
    await signed_out(auth, here, "/v1/sessions?scope=others")
    await told(valkey, sids[1])
    await told(valkey, sids[2])
    another = await auth.exchange(await auth.sign_in(person.email))
    third = await sid_of(auth, another)
    body = {"current_password": PASSWORD, "new_password": "another-lantern-7-kites"}
    answer = await auth.http.post("/v1/users/me/password", json=body, headers=bearer(here["access_token"]))
    assert answer.status == 204
    await told(valkey, third)
    reason = await auth.database.fetchval("SELECT end_reason FROM sessions WHERE id = $1", third)
    assert reason == "password_changed"
    assert (await auth.refresh(another["refresh_token"])).status == 400
    await asyncio.sleep(0.1)
    assert sids[0] not in {fields[b"sid"].decode() for _, fields in await valkey.xrange(STREAM)}


async def test_a_session_that_only_expired_is_not_told(auth: Auth, valkey: Redis) -> None:
    sid = await sid_of(auth, await auth.session())
    auth.clock.advance(days=2)
    await asyncio.sleep(1.2)
    assert sid not in {fields[b"sid"].decode() for _, fields in await valkey.xrange(STREAM)}


async def test_what_a_dying_process_left_untold_is_told_by_the_next(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str, valkey: Redis, free_port: Any
) -> None:
    """A crash, or Valkey's absence, between the end and its telling: the row remembers that it is owed."""
    here = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
    person = await here.register()
    await here.http.close()
    away = await serve_auth(aiohttp_client, aiohttp_server, postgres, f"redis://127.0.0.1:{free_port()}/0")
    tokens = await away.exchange(person)
    sid = await sid_of(away, tokens)
    began = time.perf_counter()
    await signed_out(away, tokens)
    assert time.perf_counter() - began < 1, "nobody waits for a Valkey that is away to sign out"
    assert (await away.http.get("/v1/sessions", headers=bearer(tokens["access_token"]))).status == 401
    await away.http.close()
    await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
    await told(valkey, sid)


async def test_what_valkey_forgot_is_told_again(auth: Auth, valkey: Redis) -> None:
    """As after a crash with an append-only file that is a second old: another life of the server."""
    tokens = await auth.session()
    sid = await sid_of(auth, tokens)
    await signed_out(auth, tokens)
    await told(valkey, sid)
    while await auth.database.fetchval("SELECT announced_at IS NULL FROM sessions WHERE id = $1", sid):
        await asyncio.sleep(0.01)
    await valkey.delete(STREAM)
    await Announce(PostgresOutbox(auth.database), Reborn(valkey, LIFE), LIFE, auth.clock)()
    await told(valkey, sid)


async def test_a_server_that_took_over_with_a_clock_that_is_behind_goes_on_where_the_other_one_was(
    valkey: Redis,
) -> None:
    """Whoever follows asks for what stands behind the last place that he heard of."""
    ahead = Place(int(time.time() * 1000) + 60_000, 4)
    await valkey.delete(STREAM)
    feed = ValkeyFeed(valkey, LIFE, lambda: ahead)
    for sid in ("one", "two"):
        await feed.add([Ended(sid, system_clock()), Ended(f"{sid} more", system_clock())])
    heard = await read_after(valkey, ahead, wait=LIFE / 1000)
    assert [entry.session_id for entry in heard] == ["one", "one more", "two", "two more"]
    assert [entry.place.number for entry in heard] == [5, 6, 7, 8]
    await ValkeyFeed(valkey, LIFE, lambda: heard[0].place).add([Ended("three", system_clock())])
    assert [each.session_id for each in await read_after(valkey, heard[-1].place, wait=LIFE / 1000)] == ["three"]
    await valkey.delete(STREAM)


async def test_its_own_clock_counts_where_it_is_not_behind(valkey: Redis) -> None:
    await valkey.delete(STREAM)
    before = int(time.time() * 1000)
    await ValkeyFeed(valkey, LIFE, lambda: Place(before - 1000, 4)).add([Ended("one", system_clock())])
    (entry,) = await read_after(valkey, BEGINNING, wait=LIFE / 1000)
    assert entry.place.ms >= before
    assert entry.place.number == 0


class Reborn(ValkeyFeed):
    async def life(self) -> str:
        return "another"


async def test_each_of_a_thousand_ends_at_once_is_told(auth: Auth, valkey: Redis) -> None:
    person = await auth.register()
    await auth.exchange(person)
    await auth.database.execute(
        """
        INSERT INTO sessions (id, user_id, client_id, scope, amr, authenticated_at, opened_at, last_used_at, expires_at,
            address, browser, partial_id, receipt_id)
        SELECT gen_random_uuid(), user_id, client_id, scope, amr, authenticated_at, opened_at, last_used_at,
            expires_at, address, browser, partial_id || n, receipt_id || n
        FROM sessions, generate_series(1, 1200) AS n WHERE user_id = $1
        """,
        person.user_id,
    )
    await everywhere(auth, await auth.exchange(await auth.sign_in(person.email)))
    rows = await auth.database.fetch("SELECT id FROM sessions WHERE user_id = $1", person.user_id)
    for _ in range(200):
        heard = {fields[b"sid"].decode() for _, fields in await valkey.xrange(STREAM)}
        if {str(row["id"]) for row in rows} <= heard:
            break
        await asyncio.sleep(0.01)
    assert {str(row["id"]) for row in rows} <= heard
    assert len(rows) == 1202


class Listener:
    """A service that follows the feed over HTTP."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    async def next(self, seconds: float = 2.0) -> tuple[str, str, dict[str, Any]]:
        """The next event: its id, name and data."""
        found: dict[str, str] = {}
        while True:
            line = (await asyncio.wait_for(self.answer.content.readline(), seconds)).decode()
            if not line:
                raise EOFError
            if not line.strip() and found.get("event"):
                return found["id"], found["event"], json.loads(found["data"])
            name, _, value = line.rstrip("\r\n").partition(": ")
            found[name] = value

    async def until(self, event: str, **data: Any) -> tuple[str, list[str]]:
        """The id of such an event, and the sids that were heard before it. Other tests' sessions end too."""
        sids = []
        while True:
            place, name, said = await self.next()
            if name == event and data.items() <= said.items():
                return place, sids
            sids += [said["sid"]] if "sid" in said else []


@asynccontextmanager
async def following(auth: Auth, after: str | None = None, credentials: Any = SERVICE) -> AsyncIterator[Listener]:
    headers = {**basic(*credentials), **({"Last-Event-ID": after} if after else {})}
    answer = await auth.http.get("/v1/sessions/ended", headers=headers)
    assert answer.status == 200, await answer.text()
    assert answer.headers["Content-Type"] == "text/event-stream"
    yield Listener(answer)
    answer.close()


async def hearing(auth: Auth) -> None:
    """A process has its ear on the feed a moment after it started."""
    for _ in range(100):
        answer = await auth.http.get("/v1/sessions/ended", headers=basic(*SERVICE))
        status = answer.status
        answer.close()
        if status == 200:
            return
        assert status == 503
        await asyncio.sleep(0.01)
    pytest.fail("deaf")


async def test_a_service_hears_of_an_end_within_a_second(auth: Auth) -> None:
    await hearing(auth)
    tokens = await auth.session()
    sid = await sid_of(auth, tokens)
    async with following(auth) as service:
        _, known = await service.until("caught_up")
        assert sid not in known
        began = time.perf_counter()
        await signed_out(auth, tokens)
        place, _ = await service.until("ended", sid=sid, at=round(auth.clock().timestamp() * 1000))
        took = time.perf_counter() - began
    assert int(place.partition("-")[0]) > 1_700_000_000_000
    assert took < 1


async def test_who_comes_later_hears_what_ended_before_and_who_comes_back_only_what_is_new(auth: Auth) -> None:
    await hearing(auth)
    first, second = await auth.session(), await auth.session()
    sids = [await sid_of(auth, tokens) for tokens in (first, second)]
    await signed_out(auth, first)
    async with following(auth) as service:
        place, _ = await service.until("ended", sid=sids[0])
    async with following(auth) as service:
        caught_up, _ = await service.until("caught_up")
    await signed_out(auth, second)
    for after in (place, caught_up):
        async with following(auth, after=after) as service:
            _, before = await service.until("ended", sid=sids[1])
        assert sids[0] not in before


@pytest.mark.parametrize("after", ["nonsense", "-1-0", "1-", "9" * 40, "1-2-3", "\u0661-0"])
async def test_a_place_that_is_none_is_the_beginning(auth: Auth, after: str) -> None:
    await hearing(auth)
    tokens = await auth.session()
    sid = await sid_of(auth, tokens)
    await signed_out(auth, tokens)
    async with following(auth, after=after) as service:
        await service.until("ended", sid=sid)


@pytest.mark.parametrize(
    "headers", [{}, basic("reports", "wrong"), basic("strangers", "x"), bearer("token"), {"Authorization": "Basic !!!"}]
)
async def test_nobody_else_follows(auth: Auth, headers: dict[str, str]) -> None:
    answer = await auth.http.get("/v1/sessions/ended", headers=headers)
    assert answer.status == 401
    assert (await answer.json())["error"] == "invalid_client"
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


async def test_a_person_s_token_does_not_follow(auth: Auth) -> None:
    tokens = await auth.session()
    answer = await auth.http.get("/v1/sessions/ended", headers=bearer(tokens["access_token"]))
    assert answer.status == 401


async def test_a_service_s_own_token_follows_until_it_ends_or_its_client_is_disabled(auth: Auth) -> None:
    await hearing(auth)
    service = await let_in(auth)
    answer = await auth.ask_token(service.form(service.assertion(auth)))
    mine = bearer((await answer.json())["access_token"])
    assert await status_of_feed(auth, mine) == 200
    auth.clock.advance(hours=1)
    assert await status_of_feed(auth, mine) == 401
    mine = bearer(await service.token(auth))
    assert await status_of_feed(auth, mine) == 200
    await register_of(auth).disable(service.id, auth.clock())
    assert await status_of_feed(auth, mine) == 401


async def status_of_feed(auth: Auth, headers: dict[str, str]) -> int:
    answer = await auth.http.get("/v1/sessions/ended", headers=headers)
    answer.close()
    return answer.status


async def test_past_the_bound_a_service_is_told_so_and_a_place_is_given_back(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    auth = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url, followers=1)
    await hearing(auth)
    # The place of the look above is given back when its connection is found to be gone.
    async with following_when_free(auth):
        refused = await auth.http.get("/v1/sessions/ended", headers=basic(*SERVICE))
        assert (refused.status, (await refused.json())["error"]) == (503, "too_many_followers")
        assert refused.headers["Retry-After"] == "5"


@asynccontextmanager
async def following_when_free(auth: Auth) -> AsyncIterator[None]:
    for _ in range(80):
        answer = await auth.http.get("/v1/sessions/ended", headers=basic(*SERVICE))
        if answer.status == 200:
            yield
            answer.close()
            return
        await asyncio.sleep(0.1)
    pytest.fail("no place was given back")


async def test_without_valkey_a_service_knows_that_it_does_not_know(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, free_port: Any
) -> None:
    auth = await serve_auth(aiohttp_client, aiohttp_server, postgres, f"redis://127.0.0.1:{free_port()}/0")
    answer = await auth.http.get("/v1/sessions/ended", headers=basic(*SERVICE))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


async def test_a_feed_that_is_lost_ends_the_stream_and_what_ended_meanwhile_is_heard_afterwards(
    auth: Auth, valkey: Redis
) -> None:
    await hearing(auth)
    tokens = await auth.session()
    sid = await sid_of(auth, tokens)
    async with following(auth) as service:
        place, _ = await service.until("caught_up")
        await valkey.execute_command("CLIENT", "PAUSE", "3000", "ALL")
        with pytest.raises(EOFError):
            while True:
                await service.next(4)
    await asyncio.wait_for(signed_out(auth, tokens), 1)
    await asyncio.sleep(0.5)
    await hearing_again(auth)
    async with following(auth, after=place) as service:
        await service.until("ended", sid=sid)


async def hearing_again(auth: Auth) -> None:
    for _ in range(100):
        answer = await auth.http.get("/v1/sessions/ended", headers=basic(*SERVICE))
        status = answer.status
        answer.close()
        if status == 200:
            return
        await asyncio.sleep(0.05)
    pytest.fail("deaf")


async def test_a_process_that_drains_lets_its_followers_go(auth: Auth) -> None:
    await hearing(auth)
    async with following(auth) as service:
        await service.next()
        closing = asyncio.create_task(auth.http.close())
        began = time.perf_counter()
        with pytest.raises(Exception):  # the end of the stream, or of the connection
            while True:
                await service.next(5)
        assert time.perf_counter() - began < 2
        await closing
