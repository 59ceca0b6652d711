"""(a) Who has the password only must not get in, learn the phone, tire its owner out, or add a phone of their own."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, TCPConnector

from tests.security.system.attacker import EXCHANGE, Victim

FACES = ["/v1/sessions", "/demo/hello", "/demo/upload", "/"]


@pytest.mark.parametrize("path", FACES)
async def test_the_partial_token_opens_nothing(victim: Victim, path: str) -> None:
    status, _ = await victim.ask("GET", path, await victim.partial())
    # The home page knows cookies only, and sends whoever has none to sign in.
    assert status == (303 if path == "/" else 401)


async def test_without_an_approval_there_is_no_session_however_often_one_asks(victim: Victim) -> None:
    partial = await victim.partial()
    assert (await victim.exchange(partial))[1]["error"] == "invalid_grant"
    await victim.push(partial)
    answers = await asyncio.gather(*(victim.exchange(partial) for _ in range(10)))
    assert {body["error"] for _, body in answers} == {"authorization_pending"}


async def test_the_attacker_s_login_does_not_ride_on_the_victim_s(victim: Victim) -> None:
    attackers = await victim.partial()
    await victim.ask("POST", "/v1/mfa/challenges", attackers, json={"channel": "sms"})
    own = await victim.partial()
    await victim.push(own)
    await victim.press("approve")
    assert (await victim.exchange(attackers))[1]["error"] == "authorization_pending"
    assert (await victim.exchange(own))[0] == 200
    assert (await victim.exchange(attackers))[1]["error"] == "authorization_pending"


async def test_the_phone_falls_silent_before_its_owner_gives_in(victim: Victim) -> None:
    partials = [await victim.partial() for _ in range(24)]
    answers = await asyncio.gather(
        *(victim.ask("POST", "/v1/mfa/challenges", partial, json={"channel": "push"}) for partial in partials)
    )
    assert [status for status, _ in answers].count(201) == 1
    refused = [body for status, body in answers if status != 201]
    assert {(body["error"], body["reason"]) for body in refused} == {("factor_unavailable", "push_open")}
    assert len(await victim.requests()) == 1
    status, _ = await victim.ask("POST", "/v1/mfa/challenges", await victim.partial(), json={"channel": "app"})
    assert status == 201, "the owner still gets in by a code from the app"


async def test_a_password_adds_no_phone_and_removes_none(victim: Victim) -> None:
    partial = await victim.partial()
    body = {"phone": {"country_code": "44", "number": "7700 900999"}}
    assert (await victim.ask("POST", "/v1/mfa/factors", partial, json=body))[1]["error"] == "session_required"
    _, listed = await victim.ask("GET", "/v1/mfa/factors", partial)
    for factor in listed["factors"]:
        assert (await victim.ask("DELETE", f"/v1/mfa/factors/{factor['id']}", partial))[0] == 401
        digits = "".join(sign for sign in factor["name"] if sign.isdigit())
        assert len(digits) <= len("44") + 2, "the number itself is told to nobody"


async def test_the_stranger_s_own_approval_opens_the_victim_s_account_no_further(
    victim: Victim, stranger: Victim
) -> None:
    victims = await victim.partial()
    await stranger.approved()
    assert (await stranger.exchange(victims))[1]["error"] == "invalid_grant"
    challenge = await victim.push(victims)
    for path in ("", "/events", "/ws", "/code"):
        method = "POST" if path == "/code" else "GET"
        body = {"code": "1234567"} if path == "/code" else None
        status, answer = await stranger.ask(
            method, f"/v1/mfa/challenges/{challenge}{path}", await stranger.partial(), json=body
        )
        assert (status, answer["error"]) == (404, "challenge_not_found"), path


async def test_a_receipt_brought_along_is_refused_by_the_gateway(victim: Victim) -> None:
    form = {**EXCHANGE, "subject_token": await victim.partial()}
    for receipt in ("x", form["subject_token"]):
        status, body = await victim.token({**form, "receipt": receipt})
        assert (status, body["error"]) == (400, "invalid_request")


async def test_unknown_and_known_addresses_are_told_apart_by_nothing(victim: Victim, http: ClientSession) -> None:
    known = {"email": victim.email, "password": "wrong but long enough"}
    unknown = {**known, "email": "nobody@example.com"}
    answers = []
    for body in (known, unknown):
        async with http.post(f"{victim.url}/v1/login", json=body) as answer:
            own = {"Date", "X-Request-ID", "Content-Length"}
            headers = {name: value for name, value in answer.headers.items() if name not in own}
            answers.append((answer.status, await answer.json(), headers))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401


LIES = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9",
    "True-Client-IP": "203.0.113.9",
    "User-Agent": "Firefox/99 on the safe laptop of Ada (Linux)",
}


async def test_the_phone_shows_where_the_request_comes_from_whatever_it_says_of_itself(victim: Victim) -> None:
    partial = await victim.partial()
    await victim.ask("POST", "/v1/mfa/challenges", partial, json={"channel": "push"}, headers=LIES)
    details = (await victim.requests())[0]["details"]
    assert details["Network"] == "127.0.0.1"
    assert details["Browser"] == "Firefox on Linux", "names we know, and not a word of the stranger's own"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, 127.7.7.7 is no address of this machine")
async def test_guessing_is_counted_by_where_it_comes_from_whatever_it_says_of_itself(victim: Victim) -> None:
    right = {"email": victim.email, "password": victim.password}
    async with elsewhere("127.7.7.7") as attacker:
        for number in range(6):
            lie = {name: text.replace("113.9", f"113.{number}") for name, text in LIES.items()}
            body = {**right, "password": f"a wrong guess, number {number}"}
            async with attacker.post(f"{victim.url}/v1/login", json=body, headers=lie) as answer:
                assert answer.status == 401
        async with attacker.post(f"{victim.url}/v1/login", json=right, headers=LIES) as answer:
            assert answer.status == 401, "locked, and told so by nothing"
    assert (await victim.ask("POST", "/v1/login", json=right))[0] == 200, "its owner is elsewhere, and not locked out"


@asynccontextmanager
async def elsewhere(address: str) -> AsyncIterator[ClientSession]:
    """A client at another address of this machine."""
    async with ClientSession(connector=TCPConnector(local_addr=(address, 0))) as client:
        yield client
