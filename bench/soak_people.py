"""What people do all day: each story is one person's, from the password to wherever it ends."""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

from aiohttp import ClientError

from bench.people import Client, NotAsExpected, Person
from tools.demo.story import NUMBER, bearer
from tools.devstack.stack import Stack

TOO_MUCH = frozenset({": 429", ": 503"})


class Turned(StrEnum):
    """How a story ended."""

    WELL = "well"
    REFUSED = "refused"
    WRONG = "wrong"


Story = Callable[[Client, Stack, Person], Awaitable[None]]


async def told(client: Client, stack: Stack, person: Person, story: Story) -> Turned:
    """The story, and how it ended; what ended wrongly is said on stderr."""
    try:
        await story(client, stack, person)
    except (NotAsExpected, ClientError, TimeoutError) as fault:
        if any(sign in str(fault) for sign in TOO_MUCH):
            return Turned.REFUSED
        print(f"{story.__name__}: {type(fault).__name__}: {fault}", file=sys.stderr)
        return Turned.WRONG
    return Turned.WELL


async def by_app(client: Client, _stack: Stack, person: Person) -> None:
    """A code at hand, the session used, refreshed and ended."""
    await _use(client, await client.sign_in(person))


async def step_by_step(client: Client, _stack: Stack, person: Person) -> None:
    """The same in four requests."""
    await _use(client, await client.sign_in_step_by_step(person))


async def by_push(client: Client, stack: Stack, person: Person) -> None:
    """The page waits over server-sent events, the phone approves, the number is typed."""
    partial, challenge = await _ask(client, person)
    events = f"{client.url}/v1/mfa/challenges/{challenge}/events"
    async with client.http.get(events, headers=bearer(partial)) as stream:
        await _until(stream.content, b"pending")
        request = await _on_the_phone(client, stack, person)
        typed = {"code": request["details"][NUMBER]}
        await client.post(f"/v1/mfa/challenges/{challenge}/code", 200, json=typed, headers=bearer(partial))
        async with client.http.post(f"{stack.simulator_url}/control/approval_requests/{request['uuid']}/approve"):
            await _until(stream.content, b"approved")
    await _use(client, await client.exchange(partial))


async def leaves_the_page(client: Client, _stack: Stack, person: Person) -> None:
    """Takes the login back, with a stream that is open while it ends."""
    partial, challenge = await _ask(client, person)
    address = f"{client.url}/v1/mfa/challenges/{challenge}"
    async with client.http.get(f"{address}/events", headers=bearer(partial)) as stream:
        await _until(stream.content, b"pending")
        async with client.http.delete(address, headers=bearer(partial)) as answer:
            _require(answer.status in {200, 204}, f"DELETE {address}", answer.status)


async def mistypes(client: Client, _stack: Stack, person: Person) -> None:
    """A wrong password, then a wrong code, then it goes well."""
    wrong = {"email": person.email, "password": "not this one at all"}
    await client.post("/v1/login", 401, json=wrong)
    partial = await client.password(person)
    challenge = await client.post("/v1/mfa/challenges", 201, json={"channel": "app"}, headers=bearer(partial))
    code = f"/v1/mfa/challenges/{challenge['id']}/code"
    await client.post(code, 403, json={"code": f"{(int(person.code) + 1) % 10**7:07d}"}, headers=bearer(partial))
    await client.post(code, 200, json={"code": person.code}, headers=bearer(partial))
    await _use(client, await client.exchange(partial))


async def walks_away(client: Client, _stack: Stack, person: Person) -> None:
    """Signs in, and is never seen again."""
    await client.sign_in(person)


STORIES: tuple[Story, ...] = (by_app, by_app, step_by_step, by_push, by_push, leaves_the_page, mistypes, walks_away)
# Whoever takes one push after the other back is not sent any more for an hour (services/twofactor/model/push_pace.py).
MOST_LEFT = 4
# Each leaves something in the stores that the others do not.
ONCE: tuple[Story, ...] = (mistypes, by_push, leaves_the_page)


class Stories:
    """Whose turn it is has one by chance, the same in each run."""

    def __init__(self) -> None:
        self.chance, self.left = random.Random(4), Counter[Person]()

    def of(self, person: Person) -> Story:
        """His next; who has left the page often enough waits for his phone."""
        story = self.chance.choice(STORIES)
        if story is leaves_the_page and self.left[person] == MOST_LEFT:
            story = by_push
        if story is by_push:
            self.left[person] = 0
        elif story is leaves_the_page:
            self.left[person] += 1
        return story


async def _ask(client: Client, person: Person) -> tuple[str, str]:
    partial = await client.password(person)
    challenge = await client.post("/v1/mfa/challenges", 201, json={"channel": "push"}, headers=bearer(partial))
    return partial, str(challenge["id"])


async def _on_the_phone(client: Client, stack: Stack, person: Person) -> dict[str, Any]:
    async with client.http.get(f"{stack.simulator_url}/control/phones/44-{person.number}") as answer:
        found: dict[str, Any] = (await answer.json())["approval_requests"][0]
        return found


async def _use(client: Client, tokens: dict[str, Any]) -> None:
    for _ in range(3):
        await _get(client, "/demo/hello", tokens)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    newer = await client.post("/oauth2/token", 200, data=form)
    await _get(client, "/v1/sessions", newer)
    async with client.http.post(f"{client.url}/oauth2/revoke", data={"token": newer["refresh_token"]}) as answer:
        _require(answer.status == 200, "POST /oauth2/revoke", answer.status)


async def _get(client: Client, path: str, tokens: dict[str, Any]) -> None:
    async with client.http.get(client.url + path, headers=bearer(tokens["access_token"])) as answer:
        _require(answer.status == 200, f"GET {path}", answer.status)
        await answer.read()


async def _until(content: Any, word: bytes) -> None:
    async with asyncio.timeout(20):
        while word not in (line := await content.readline()):
            if not line:
                raise NotAsExpected(f"the stream ended before {word!r}")


def _require(holds: bool, what: str, status: int) -> None:
    if not holds:
        raise NotAsExpected(f"{what}: {status}")
