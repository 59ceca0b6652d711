"""Who stands around the simulator: an application that calls it, and the endpoint that its callbacks reach."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from tools.authy_simulator import API_KEY

Json = dict[str, Any]
ADA = {"email": "ada@example.com", "cellphone": "7700900123", "country_code": "44"}
ADAS_PHONE = "44-7700900123"


@dataclass
class Caller:
    """An application with the right key."""

    http: TestClient[web.Request, web.Application]
    key: str = API_KEY

    async def call(self, method: str, path: str, **more: Any) -> ClientResponse:
        return await self.http.request(method, path, headers={"X-Authy-API-Key": self.key}, **more)

    async def get(self, path: str, status: int = 200) -> Json:
        return await self._read(await self.call("GET", path), status)

    async def post(self, path: str, status: int = 200, **more: Any) -> Json:
        return await self._read(await self.call("POST", path, **more), status)

    async def ada(self) -> int:
        """The id of a person who has the app."""
        found = await self.post("/protected/json/users/new", json={"user": ADA})
        authy_id: int = found["user"]["id"]
        return authy_id

    async def ada_without_app(self) -> int:
        authy_id = await self.ada()
        await self.control("PATCH", f"phones/{ADAS_PHONE}", json={"registered": False})
        return authy_id

    async def push(self, authy_id: int, **members: Any) -> str:
        """The uuid of a fresh approval request."""
        body = {"message": "Sign in?", "seconds_to_expire": 120, **members}
        found = await self.post(f"/onetouch/json/users/{authy_id}/approval_requests", json=body)
        uuid: str = found["approval_request"]["uuid"]
        return uuid

    async def control(self, method: str, path: str, status: int = 200, **more: Any) -> Json:
        return await self._read(await self.http.request(method, f"/control/{path}", **more), status)

    async def phone(self) -> Json:
        return await self.control("GET", f"phones/{ADAS_PHONE}")

    async def press(self, uuid: str, button: str = "approve") -> Json:
        found = await self.control("POST", f"approval_requests/{uuid}/{button}")
        callback: Json = found["callback"]
        return callback

    async def fail(self, **rule: Any) -> None:
        await self.control("PUT", "faults", json={"rules": [rule]})

    async def _read(self, answer: ClientResponse, status: int) -> Json:
        text = await answer.text()
        assert answer.status == status, f"{answer.status} {text}"
        found: Json = json.loads(text)
        return found


@dataclass(frozen=True)
class Post:
    """One callback as it arrived."""

    method: str
    query: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Json:
        found: Json = json.loads(self.raw)
        return found


@dataclass
class Receiver:
    """Our side of the callback; answers ``status``."""

    status: int = 200
    url: str = ""
    posts: list[Post] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.posts.append(Post(request.method, request.rel_url.raw_query_string, headers, await request.read()))
        return web.Response(status=self.status)


@asynccontextmanager
async def listening() -> AsyncIterator[Receiver]:
    """The endpoint on a port of its own."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/callbacks/authy", receiver.handle)
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("/callbacks/authy"))
        yield receiver
