"""The gateway's faces over the real services: every way to wait, browsers, and attackers between two real logins."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, WSServerHandshakeError

from tools.demo.story import JWT_TYPE, TOKEN_EXCHANGE, Story, bearer
from tools.devstack.stack import Stack

pytestmark = pytest.mark.slow
PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}


class Person(Story):
    async def until_pushed(self) -> tuple[str, str]:
        await self._register()
        partial = await self._sign_in()
        return partial, await self._ask_for_a_push(partial)

    async def shown(self) -> dict[str, Any]:
        """The newest request on the phone."""
        async with self.http.get(f"{self.simulator_url}/control/phones/{self.phone}") as answer:
            found: dict[str, Any] = (await answer.json())["approval_requests"][0]
        return found

    def face(self, challenge: str, face: str = "") -> str:
        return f"{self.url}/v1/mfa/challenges/{challenge}{face}"

    async def exchange(self, partial: str) -> tuple[int, dict[str, Any]]:
        form = {"grant_type": TOKEN_EXCHANGE, "subject_token": partial, "subject_token_type": JWT_TYPE}
        async with self.http.post(f"{self.url}/oauth2/token", data=form) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession(timeout=ClientTimeout(total=40), cookie_jar=DummyCookieJar()) as session:
        yield session


@pytest.fixture
def person(stack: Stack, http: ClientSession) -> Person:
    return Person(http, stack.url, stack.simulator_url, lambda *_: None)


async def events(http: ClientSession, url: str, token: str, told: asyncio.Queue[str]) -> None:
    async with http.get(url, headers=bearer(token)) as answer:
        async for line in answer.content:
            if line.startswith(b"data:"):
                await told.put(json.loads(line[5:])["status"])


async def socket(http: ClientSession, url: str, token: str, told: asyncio.Queue[str]) -> None:
    async with http.ws_connect(url, protocols=("countersign.v1", f"bearer.{token}")) as ws:
        async for message in ws:
            await told.put(message.json()["status"])


async def long_poll(http: ClientSession, url: str, token: str, told: asyncio.Queue[str]) -> None:
    await told.put("pending")
    async with http.get(url, headers={**bearer(token), "Prefer": "wait=25"}) as answer:
        await told.put((await answer.json())["status"])


async def settled(told: asyncio.Queue[str]) -> str:
    """The first that is not `pending`: that the number was typed is told, too."""
    while (state := await told.get()) == "pending":
        pass
    return state


async def test_one_approval_is_told_through_every_face_and_opens_one_session(person: Person) -> None:
    partial, challenge = await person.until_pushed()
    faces = [(events, "/events"), (socket, "/ws"), (long_poll, "")]
    heard: list[asyncio.Queue[str]] = [asyncio.Queue() for _ in faces]
    waiting = [
        asyncio.create_task(listen(person.http, person.face(challenge, face), partial, told))
        for (listen, face), told in zip(faces, heard, strict=True)
    ]
    assert [await told.get() for told in heard] == ["pending"] * 3
    await person._approve(challenge)
    async with asyncio.timeout(10):
        assert [await settled(told) for told in heard] == ["approved"] * 3
        await asyncio.gather(*waiting)
    answers = await asyncio.gather(*(person.exchange(partial) for _ in range(50)))
    opened = [document for status, document in answers if status == 200]
    assert len(opened) == 1
    assert {document["error"] for status, document in answers if status != 200} <= {"invalid_grant"}
    await person._call_protected(opened[0]["access_token"])


async def test_another_real_login_learns_nothing_through_any_face(stack: Stack, person: Person) -> None:
    _, challenge = await person.until_pushed()
    thief = Person(person.http, stack.url, stack.simulator_url, lambda *_: None)
    partial, _ = await thief.until_pushed()
    for face in ("", "/events"):
        seen = []
        for target in (challenge, "00000000-0000-4000-8000-000000000000"):
            async with person.http.get(person.face(target, face), headers=bearer(partial)) as answer:
                seen.append((answer.status, await answer.read()))
        assert seen[0] == seen[1]
        assert seen[0][0] == 404
    with pytest.raises(WSServerHandshakeError) as refused:
        await person.http.ws_connect(person.face(challenge, "/ws"), protocols=("countersign.v1", f"bearer.{partial}"))
    assert refused.value.status == 404
    await person._approve(challenge)
    assert (await thief.exchange(partial))[1]["error"] == "authorization_pending"


async def test_a_code_sent_by_text_signs_in_and_a_wrong_one_tells_the_tries_left(stack: Stack, person: Person) -> None:
    await person._register()
    partial = await person._sign_in()
    challenge = await person._post("/v1/mfa/challenges", 201, json={"channel": "app"}, headers=bearer(partial))
    async with person.http.get(f"{stack.simulator_url}/control/phones/{person.phone}") as answer:
        code = (await answer.json())["app_token"]
    wrong = f"{(int(code) + 1) % 10**7:07d}"
    path = f"/v1/mfa/challenges/{challenge['id']}/code"
    refused = await person._post(path, 403, json={"code": wrong}, headers=bearer(partial))
    assert (refused["error"], refused["tries_left"] > 0) == ("invalid_code", True)
    assert (await person._post(path, 200, json={"code": code}, headers=bearer(partial)))["status"] == "approved"
    assert (await person.exchange(partial))[0] == 200


async def test_a_browser_signs_in_is_let_through_and_out_again(stack: Stack, person: Person) -> None:
    await person._register()
    jar: dict[str, str] = {}

    async def ask(method: str, path: str, **form: str) -> tuple[int, str, str]:
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
        async with person.http.request(
            method, stack.url + path, data=form or None, headers={**PAGE, **cookies}, allow_redirects=False
        ) as answer:
            for name, morsel in answer.cookies.items():
                jar[name] = morsel.value
            return answer.status, answer.headers.get("Location", ""), await answer.text()

    async def form(path: str, at: str, **fields: str) -> str:
        _, _, text = await ask("GET", at)
        token = re.search(r'name="csrf" value="([^"]*)"', text)
        assert token is not None, text
        status, place, text = await ask("POST", path, csrf=token[1], **fields)
        assert status == 303, text
        return place

    status, place, _ = await ask("GET", "/demo/hello")
    assert (status, place) == (303, "/sign-in?return_to=%2Fdemo%2Fhello")
    await form("/sign-in", place, email=person.email, password=person.password, return_to="/demo/hello")
    during = jar["__Host-session"]
    await form("/confirm", "/confirm", channel="push")
    await person._approve("the browser's")
    status, _, text = await ask("GET", "/confirm/wait")
    assert (status, "Your phone said yes" in text) == (200, True)
    number = (await person.shown())["details"]["Number to type"]
    assert await form("/confirm/code", "/confirm/wait", channel="push", code=number) == "/demo/hello"
    assert jar["__Host-session"] != during
    status, _, text = await ask("GET", "/demo/hello")
    assert status == 200
    assert "__Host-session" not in text
    confirmed = dict(jar)
    await form("/sign-out", "/")
    jar.update(confirmed)
    assert (await ask("GET", "/demo/hello"))[0] == 303
