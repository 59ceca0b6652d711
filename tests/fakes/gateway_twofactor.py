"""twofactor as a real server, as far as the gateway meets it. It publishes changes as the real one does.

challenge_id = twofactor.open_for(token)              # a pending push of this login
await twofactor.move(challenge_id, "approved")        # moves and publishes
await twofactor.move(challenge_id, "approved", publish=False)      # the message is lost
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from redis.asyncio import Redis

from tests.fakes.gateway_auth import later, problem

CHANNEL = "twofactor:challenges"


def factor(channel: str = "push", **changed: Any) -> dict[str, Any]:
    document = {
        "id": f"{channel}-1", "type": "otp" if channel == "app" else "oob", "channel": channel, "name": "+44 ... 12",
        "preferred": channel == "push", "provider": "authy", "available": True,
    }  # fmt: skip
    return {**document, **changed}


@dataclass
class StubTwofactor:
    clock: Callable[[], datetime]
    redis: Redis
    owners: dict[str, str] = field(default_factory=dict)
    challenges: dict[str, dict[str, Any]] = field(default_factory=dict)
    factors: list[dict[str, Any]] = field(default_factory=list)
    lists: int = 0
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    refuse: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    readings: int = 0

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._remember])
        app.router.add_get("/v1/mfa/factors", self._list_factors)
        app.router.add_post("/v1/mfa/factors", self._enrol)
        app.router.add_delete("/v1/mfa/factors/{id}", self._gone)
        app.router.add_post("/v1/mfa/challenges", self._open)
        app.router.add_get("/v1/mfa/challenges/{id}", self._read)
        app.router.add_post("/v1/mfa/challenges/{id}/code", self._code)
        app.router.add_delete("/v1/mfa/challenges/{id}", self._cancel)
        app.router.add_post("/v1/mfa/receipts", self._receipt)
        app.router.add_post("/callbacks/authy", self._callback)
        app.router.add_get("/.well-known/jwks.json", self._jwks)
        return app

    def open_for(self, token: str, seconds: float = 120, channel: str = "push") -> str:
        identity = f"c-{len(self.challenges) + 1}"
        self.owners[identity] = token
        self.challenges[identity] = {
            "id": identity, "channel": channel, "factor_id": f"{channel}-1", "name": "+44 ... 12", "status": "pending",
            "reason": None, "created_at": later(self.clock, 0), "updated_at": later(self.clock, 0),
            "expires_at": later(self.clock, seconds), "expires_in": int(seconds), "interval": 2, "binding_method": "none",
            "waiting_for": ["phone" if channel == "push" else "code"], "delivery": "push", "tries_left": 5,
            "context": {"service": "Test", "browser": "Firefox", "address": "127.0.0.1", "time": later(self.clock, 0)},
        }  # fmt: skip
        return identity

    async def move(self, identity: str, status: str, *, reason: str | None = None, publish: bool = True) -> None:
        news = {
            "id": identity, "status": status, "waiting_for": [], "reason": reason, "updated_at": later(self.clock, 1),
        }  # fmt: skip
        self.challenges[identity].update(news)
        if publish:
            await self.redis.publish(CHANNEL, json.dumps(news))

    @web.middleware
    async def _remember(self, request: web.Request, handler: Any) -> web.StreamResponse:
        body = await request.read()
        self.requests.append((request.method, request.raw_path, dict(request.headers), body))
        if request.path in self.refuse:
            status, document = self.refuse[request.path]
            return problem(status, **document)
        if request.path.startswith("/v1/") and self._token(request).count(".") != 2:
            return problem(401, "invalid_token")
        return await handler(request)

    def _token(self, request: web.Request) -> str:
        return request.headers.get("Authorization", "").removeprefix("Bearer ")

    def _mine(self, request: web.Request) -> dict[str, Any] | None:
        identity = request.match_info["id"]
        return self.challenges[identity] if self.owners.get(identity) == self._token(request) else None

    async def _list_factors(self, _request: web.Request) -> web.Response:
        self.lists += 1
        return web.json_response({"factors": self.factors})

    async def _enrol(self, request: web.Request) -> web.Response:
        body = await request.json()
        if not str(body["phone"]["number"]).isdigit():
            return problem(400, "invalid_phone")
        self.factors = [factor("push"), factor("app")]
        return web.json_response({"factors": self.factors}, status=201)

    async def _gone(self, _request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _open(self, request: web.Request) -> web.Response:
        token = self._token(request)
        pending = [
            c for c, owner in self.owners.items() if owner == token and self.challenges[c]["status"] == "pending"
        ]
        if pending:
            return problem(409, "challenge_pending", challenge_id=pending[0])
        return web.json_response(self.challenges[self.open_for(token)], status=201)

    async def _read(self, request: web.Request) -> web.Response:
        self.readings += 1
        found = self._mine(request)
        return web.json_response(found) if found else problem(404, "challenge_not_found")

    async def _code(self, request: web.Request) -> web.Response:
        found = self._mine(request)
        if found is None:
            return problem(404, "challenge_not_found")
        if (await request.json())["code"] != "1234567":
            return problem(403, "invalid_code", tries_left=4)
        await self.move(found["id"], "approved")
        return web.json_response(found)

    async def _cancel(self, request: web.Request) -> web.Response:
        found = self._mine(request)
        if found is None:
            return problem(404, "challenge_not_found")
        await self.move(found["id"], "cancelled")
        return web.Response(status=204)

    async def _receipt(self, request: web.Request) -> web.Response:
        token = self._token(request)
        if await request.read() and (refused := await self._answered(token, await request.json())):
            return refused
        states = [self.challenges[c]["status"] for c, owner in self.owners.items() if owner == token]
        match states[-1:]:
            case ["approved" | "consumed"]:
                return web.json_response({"receipt": f"receipt-for-{token}", "expires_in": 60})
            case ["pending"]:
                return problem(409, "authorization_pending")
            case ["denied"]:
                return problem(403, "access_denied")
            case ["expired"]:
                return problem(410, "expired_token")
        return problem(409, "invalid_grant")

    async def _answered(self, token: str, said: dict[str, str]) -> web.Response | None:
        """A code with which the receipt is asked for: why it gets none, if it does not."""
        mine = [each for each, owner in self.owners.items() if owner == token]
        if any(self.challenges[each]["status"] in {"approved", "consumed"} for each in mine):
            return None
        channel = said.get("channel") or said.get("factor_id", "totp-").partition("-")[0]
        pending = [each for each in mine if self.challenges[each]["status"] == "pending"]
        if pending and self.challenges[pending[0]]["channel"] != channel:
            return problem(409, "challenge_pending", challenge_id=pending[0])
        challenge = pending[0] if pending else self.open_for(token, channel=channel)
        if said["code"] != "1234567":
            return problem(403, "invalid_code", tries_left=4)
        await self.move(challenge, "approved")
        return None

    async def _callback(self, request: web.Request) -> web.Response:
        return web.json_response({"signature": request.headers.get("X-Authy-Signature")})

    async def _jwks(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": []})
