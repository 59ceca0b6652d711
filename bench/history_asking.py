"""People with a history, at a system that has one: what they ask, and what it costs the product and its PostgreSQL."""

import base64
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psutil
import pyotp
from aiohttp import ClientSession, encode_basic_auth

from bench.fill_rows import PASSWORD, TOTP_SECRET
from bench.people import Client, NotAsExpected, Person, our_processes, timed_side_by_side
from bench.processes import cpu_seconds
from bench.rounds import Sample
from tools.demo.story import bearer
from tools.devstack.stack import Stack

AT_ONCE = 8
SERVERS = ("postgres: auth ", "postgres: twofactor ")
Story = Callable[[], Awaitable[None]]


@dataclass
class Place:
    """A system and its people, in an order of chance; `sessions` are those that this round has opened."""

    name: str
    stack: Stack
    people: Iterator[int]
    sessions: list[dict[str, Any]] = field(default_factory=list)
    spent: dict[int, float] = field(default_factory=dict)

    def cpu(self) -> float:
        """Seconds so far: of the product, and of PostgreSQL on its behalf."""
        for server in self._servers():
            self.spent[server.pid] = cpu_seconds([server])
        # Of those that have gone, too: a pool opens and closes its connections as it needs them.
        return cpu_seconds(our_processes(self.stack)) + sum(self.spent.values())

    def _servers(self) -> list[psutil.Process]:
        """PostgreSQL's processes for the services."""
        main = int((self.stack.data / "postgres" / "postmaster.pid").read_text().split()[0])
        return [each for each in psutil.Process(main).children() if " ".join(each.cmdline()).startswith(SERVERS)]


class Asking:
    """One round at one system, case by case."""

    def __init__(self, http: ClientSession, place: Place) -> None:
        self.place, self.client = place, Client(http, place.stack.url)
        name, _, secret = place.stack.environments["auth"]["COUNTERSIGN_SERVICE_CLIENTS"].split()[0].partition(":")
        self.service = {"Authorization": encode_basic_auth(name, secret)}
        auth = Client(http, place.stack.ports.url(place.stack.ports.auth))
        self.auth = auth

    async def logins(self, many: int) -> Sample:
        """Each by somebody else; their sessions are what the other cases are asked with."""
        return await self._timed([self._login] * many)

    async def refreshes(self, many: int) -> Sample:
        return await self._timed([partial(self._refresh, number) for number in range(many)])

    async def introspections(self, many: int) -> Sample:
        return await self._timed([partial(self._introspect, number) for number in range(many)])

    async def lists(self, many: int) -> Sample:
        return await self._timed([partial(self._list, number) for number in range(many)])

    async def _login(self) -> None:
        person = Person(f"person{next(self.place.people)}@example.com", PASSWORD, "")
        token = await self.client.password(person)
        asked = {"json": {"channel": "totp"}, "headers": bearer(token)}
        challenge = await self.client.post("/v1/mfa/challenges", 201, **asked)
        code = {"code": pyotp.TOTP(base64.b32encode(TOTP_SECRET).decode()).now()}
        path = f"/v1/mfa/challenges/{challenge['id']}/code"
        await self.client.post(path, 200, json=code, headers=bearer(token))
        self.place.sessions.append(await self.client.exchange(token))

    async def _refresh(self, number: int) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": self._held(number)["refresh_token"]}
        self.place.sessions[number % len(self.place.sessions)] = await self.client.post("/oauth2/token", 200, data=form)

    async def _introspect(self, number: int) -> None:
        form = {"token": self._held(number)["access_token"]}
        if not (await self.auth.post("/oauth2/introspect", 200, data=form, headers=self.service))["active"]:
            raise NotAsExpected("a session that was opened just now")

    async def _list(self, number: int) -> None:
        headers = bearer(self._held(number)["access_token"])
        async with self.client.http.get(f"{self.client.url}/v1/sessions", headers=headers) as answer:
            answer.raise_for_status()
            await answer.read()

    def _held(self, number: int) -> dict[str, Any]:
        return self.place.sessions[number % len(self.place.sessions)]

    async def _timed(self, stories: Sequence[Story]) -> Sample:
        return (await timed_side_by_side(stories, AT_ONCE, self.place.cpu))[0]
