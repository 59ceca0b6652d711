"""What the client repeats, what it never repeats, and how long it goes on."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from countersign.client import (
    ApiError,
    ClientSecret,
    Countersign,
    NotAuthenticated,
    NotFound,
    NotSent,
    Patience,
    PrivateKeyJwt,
    TooMany,
    Unavailable,
    UnexpectedAnswer,
)
from countersign.client.calls import AS_A_REFRESH, FREELY, NEVER, Call, Calls
from tests.fakes.clock import FakeClock

GRANT = {"access_token": "a", "expires_in": 300, "scope": "x y", "refresh_token": "csr_1"}
BREAK = object()


class Server:
    """Answers with `script`, one after the other; BREAK closes the connection without an answer."""

    def __init__(self) -> None:
        self.script: list[Any] = []
        self.seen: list[tuple[str, str, dict[str, str], str]] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.method, request.path_qs, dict(request.headers), await request.text()))
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if answer is BREAK:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return web.json_response({})
        status, body, headers = (*answer, {})[:3]
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(status=status, text=text, headers=headers)


class Time:
    """A clock that moves by sleeping only."""

    def __init__(self) -> None:
        self.now, self.pauses = 0.0, list[float]()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def calls(server: Server, time: Time) -> AsyncIterator[Calls]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.serve)
    async with TestServer(app) as running, ClientSession() as http:
        patience = Patience(chance=lambda: 1.0)
        yield Calls(http, str(running.make_url("/")), patience, monotonic=time, sleep=time.sleep)


@pytest.fixture
def api(calls: Calls) -> Countersign:
    api = Countersign(calls.http, calls.url, client=ClientSecret("svc", "secret"))
    for part in (api.accounts, api.factors, api.challenges, api.tokens, api.sessions):
        part.calls = calls
    return api


def get(**more: Any) -> Call:
    return Call("GET", "/x", FREELY, **more)


AWAY = (503, {"error": "unavailable", "detail": "Try again shortly."}, {"Retry-After": "1"})


async def test_reading_is_repeated_until_it_works(server: Server, calls: Calls, time: Time) -> None:
    # aiohttp itself repeats a GET once.
    server.script = [BREAK, BREAK, (502, "<html>"), AWAY, (200, {"good": True})]
    assert await calls(get()) == {"good": True}
    assert time.pauses == [0.1, 0.2, 1.4], "growing, and never sooner than Retry-After"


async def test_it_gives_up_when_its_time_is_over(server: Server, calls: Calls, time: Time) -> None:
    server.script = [AWAY]
    with pytest.raises(Unavailable) as refused:
        await calls(get())
    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (503, "unavailable", 1)
    assert time.now < 10 < time.now + 3


async def test_a_wait_that_is_longer_than_the_budget_is_not_waited_at_all(
    server: Server, calls: Calls, time: Time
) -> None:
    server.script = [(429, {"error": "too_many_attempts"}, {"Retry-After": "60"})]
    with pytest.raises(TooMany) as refused:
        await calls(get())
    assert (refused.value.retry_after, time.pauses) == (60, [])


async def test_a_server_that_hangs_costs_an_attempt_and_not_the_whole_time(server: Server, calls: Calls) -> None:
    calls.patience = Patience(attempt=0.05, chance=lambda: 1.0)
    server.script = [5.0, (200, {"good": True})]
    assert await calls(get()) == {"good": True}


@pytest.mark.parametrize(
    "send",
    [
        lambda api: api.accounts.login("a@example.com", "p"),
        lambda api: api.accounts.register("a@example.com", "p"),
        lambda api: api.challenges.open("t", "push"),
        lambda api: api.challenges.answer("t", "c", "123456"),
        lambda api: api.tokens.confirm("t", "123456"),
        lambda api: api.tokens.recover("t", "A" * 24),
    ],
    ids=["login", "registration", "challenge", "code", "code at hand", "recovery code"],
)
@pytest.mark.parametrize("failure", [BREAK, AWAY, (502, "<html>"), (429, {"error": "slow_down"}, {"Retry-After": "1"})])
async def test_what_counts_or_rings_a_phone_is_sent_once(
    server: Server, api: Countersign, time: Time, send: Callable[[Countersign], Awaitable[Any]], failure: Any
) -> None:
    server.script = [failure]
    with pytest.raises(ApiError):
        await send(api)
    assert len(server.seen) == 1
    assert time.pauses == []


async def test_what_was_never_sent_may_be_sent_again(calls: Calls, time: Time, free_port: Callable[[], int]) -> None:
    calls.url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NotSent):
        await calls(Call("POST", "/v1/login", NEVER))
    assert len(time.pauses) > 3


async def test_the_same_partial_token_is_exchanged_again_after_a_lost_answer(server: Server, api: Countersign) -> None:
    server.script = [BREAK, (200, GRANT)]
    grant = await api.tokens.exchange("partial")
    assert (grant.refresh_token, grant.scope) == ("csr_1", {"x", "y"})
    assert server.seen[0][3] == server.seen[1][3]


async def test_a_lost_refresh_is_asked_for_again_within_seconds_and_never_later(
    server: Server, api: Countersign, time: Time
) -> None:
    server.script = [BREAK]
    with pytest.raises(Unavailable):
        await api.tokens.refresh("csr_0")
    assert 0 < time.now < AS_A_REFRESH < 10
    server.seen.clear()
    server.script = [(503, {"error": "unavailable"}, {"Retry-After": "8"})]
    with pytest.raises(Unavailable):
        await api.tokens.refresh("csr_0")
    assert len(server.seen) == 1


async def test_who_signed_out_and_lost_the_answer_is_signed_out(server: Server, api: Countersign) -> None:
    gone = (404, {"error": "session_unknown"})
    server.script = [BREAK, gone]
    await api.sessions.end("t", "s/1")
    assert [path for _, path, _, _ in server.seen] == ["/v1/sessions/s%2F1"] * 2
    server.script = [gone]
    with pytest.raises(NotFound):
        await api.sessions.end("t", "s1")
    server.script = [BREAK, (401, {"error": "invalid_token"})]
    await api.sessions.end_current("t")
    server.script = [BREAK, (401, {"error": "invalid_token"})]
    await api.sessions.end_all("t")
    server.script = [BREAK, (401, {"error": "invalid_token"})]
    with pytest.raises(NotAuthenticated):
        await api.sessions.end_others("t")


async def test_a_token_is_not_carried_to_where_a_redirect_points(server: Server, calls: Calls) -> None:
    server.script = [(307, "", {"Location": "/elsewhere"})]
    with pytest.raises(UnexpectedAnswer):
        await calls(get(token="secret"))
    assert [path for _, path, _, _ in server.seen] == ["/x"]


@pytest.mark.parametrize("body", ["", "<html>", "[]", "{" * 2000, '"text"'])
async def test_an_answer_that_is_not_the_apis_is_an_error_and_not_repeated(
    server: Server, api: Countersign, body: str
) -> None:
    server.script = [(200, body)]
    with pytest.raises(UnexpectedAnswer):
        await api.sessions.list("t")
    assert len(server.seen) == 1


async def test_an_answer_without_end_is_not_read_to_its_end(server: Server, calls: Calls) -> None:
    server.script = [(200, '{"x": "' + "y" * 1_100_000 + '"}')]
    with pytest.raises(UnexpectedAnswer):
        await calls(get())


async def test_members_that_are_missing_or_of_another_kind_are_said(server: Server, api: Countersign) -> None:
    for wrong in ({"access_token": 1}, {"expires_in": "300"}, {"expires_in": True}, {"access_token": None}):
        server.script = [(200, {**GRANT, **wrong})]
        with pytest.raises(UnexpectedAnswer, match=next(iter(wrong))):
            await api.tokens.exchange("p")


async def test_errors_speak_both_languages_of_the_api(server: Server, calls: Calls) -> None:
    server.script = [
        (
            409,
            {"title": "Conflict", "status": 409, "detail": "Open.", "error": "challenge_pending", "challenge_id": "c1"},
        )
    ]
    with pytest.raises(ApiError) as problem:
        await calls(get())
    assert (problem.value.detail, problem.value.members) == ("Open.", {"challenge_id": "c1"})
    server.script = [(400, {"error": "invalid_grant", "error_description": "Spent."})]
    with pytest.raises(ApiError) as oauth:
        await calls(get())
    assert (oauth.value.code, oauth.value.detail, str(oauth.value)) == (
        "invalid_grant",
        "Spent.",
        "400 invalid_grant: Spent.",
    )


async def test_no_secret_is_shown_by_what_is_printed(server: Server, api: Countersign) -> None:
    server.script = [(200, GRANT)]
    grant = await api.tokens.exchange("partial-secret")
    call = Call("GET", "/", token="token-secret", json={"password": "password-secret"}, form={"token": "form-secret"})
    printed = f"{grant!r} {call!r} {ClientSecret('id', 'client-secret')!r}"
    assert "secret" not in printed.replace("ClientSecret", "")
    assert "csr_1" not in printed


async def test_a_service_shows_a_secret_or_a_signature(server: Server, calls: Calls, api: Countersign) -> None:
    server.script = [(200, {"active": True, "sub": "u1", "sid": "s1", "scope": "a", "amr": ["pwd"], "exp": 1})]
    seen = await api.tokens.introspect("t")
    assert (seen.active, seen.subject, seen.session, seen.amr, seen.members["exp"]) == (True, "u1", "s1", ("pwd",), 1)
    assert server.seen[-1][2]["Authorization"] == "Basic c3ZjOnNlY3JldA=="
    server.script = [BREAK, (200, {**GRANT, "refresh_token": None})]
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    clock, ids = FakeClock(), iter(["j1", "j2"])
    api.tokens.client = PrivateKeyJwt("svc", pem, "k1", clock=clock, new_id=lambda: next(ids))
    assert (await api.tokens.for_service("read")).refresh_token is None
    from urllib.parse import parse_qs

    forms = [parse_qs(body) for _, _, _, body in server.seen[-2:]]
    told = [
        jwt.decode(
            form["client_assertion"][0],
            private.public_key(),
            ["ES256"],
            audience=calls.url,
            options={"verify_exp": False, "verify_iat": False},
        )
        for form in forms
    ]
    assert [each["jti"] for each in told] == ["j1", "j2"], "an assertion is good once: each attempt has its own"
    assert (told[0]["iss"], told[0]["sub"], told[0]["exp"] - told[0]["iat"]) == ("svc", "svc", 30)
    assert forms[0]["grant_type"] == ["client_credentials"]


async def test_waiting_goes_on_until_it_is_settled_or_time_is_up(server: Server, api: Countersign) -> None:
    challenge = {
        "id": "c1", "channel": "push", "factor_id": "f1", "name": "+44 12", "status": "pending", "reason": None, "interval": 2,
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T00:02:00Z",
        "expires_in": 120, "binding_method": "none", "delivery": "push", "tries_left": None, "context": {},
    }  # fmt: skip
    server.script = [
        (200, challenge),
        AWAY,
        (429, {"error": "too_many_waiters"}, {"Retry-After": "1"}),
        (200, {**challenge, "status": "approved"}),
    ]
    assert (await api.challenges.wait("t", "c1")).status == "approved"
    assert {headers["Prefer"] for _, _, headers, _ in server.seen} == {"wait=25"}
    server.script = [(200, challenge)]
    with pytest.raises(TimeoutError):
        await api.challenges.wait("t", "c1", 0.05)


async def test_a_name_that_no_server_has_is_not_sent(calls: Calls, time: Time) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        calls.url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NotSent):
            await calls(get())


def test_pauses_grow_differ_and_end() -> None:
    longest = Patience(chance=lambda: 1.0)
    assert [longest.pause(n) for n in (0, 1, 2, 10, 10_000)] == [0.1, 0.2, 0.4, 2.0, 2.0]
    assert Patience(chance=lambda: 0.0).pause(5) == 0.0
    assert Patience(chance=lambda: 0.5).pause(1, 3) == 3.1
    assert len({Patience().pause(5) for _ in range(20)}) == 20
