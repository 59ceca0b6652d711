"""auth as a real server, as far as the gateway meets it: its answers, its keys, and a memory of what it was asked.

auth = StubAuth(clock, issuer="http://127.0.0.1:8080")
auth.people["eve@example.com"] = "correct horse battery"
auth.refuse["/oauth2/token"] = (503, {"error": "overloaded", ...})      # until it is deleted
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from chassis.keyring import KeyRing, new_key

PUSH_AMR = ["pwd", "swk", "mca", "mfa"]


def problem(status: int, error: str, **members: Any) -> web.Response:
    body = {"title": "x", "status": status, "detail": f"detail of {error}", "error": error, **members}
    headers = {"Retry-After": "7"} if status in {429, 503} else {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return web.json_response(body, status=status, content_type="application/problem+json", headers=headers)


@dataclass
class StubAuth:
    clock: Callable[[], datetime]
    issuer: str
    people: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    refuse: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    refreshed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    spent: set[str] = field(default_factory=set)
    sessions_opened: int = 0
    slow: float = 0.0

    def __post_init__(self) -> None:
        self.keys = KeyRing(self.clock, [new_key("auth-1", datetime(2020, 1, 1, tzinfo=UTC))])

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._remember])
        app.router.add_post("/v1/users", self._register)
        app.router.add_post("/v1/login", self._login)
        app.router.add_post("/oauth2/token", self._token)
        app.router.add_post("/oauth2/revoke", self._empty)
        app.router.add_post("/oauth2/introspect", self._inactive)
        app.router.add_get("/v1/sessions", self._sessions)
        app.router.add_delete("/v1/sessions", self._empty)
        app.router.add_delete("/v1/sessions/{id}", self._end)
        app.router.add_get("/.well-known/jwks.json", self._jwks)
        app.router.add_get("/.well-known/oauth-authorization-server", self._metadata)
        return app

    def partial(self, user: str = "u-1", email: str = "eve@example.com", **changed: Any) -> str:
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer, "aud": "countersign/mfa", "sub": user, "jti": f"p-{len(self.requests)}-{user}", "txn": "t-1",
            "iat": now, "exp": now + 300, "auth_time": now, "acr": "aal1", "amr": ["pwd"], "email": email,
        }  # fmt: skip
        return self.keys.sign("mfa+jwt", {**claims, **changed})

    def access(self, user: str = "u-1", session: str = "s-1", **changed: Any) -> str:
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer, "aud": "countersign", "sub": user, "jti": f"a-{now}", "sid": session, "scope": "",
            "client_id": "gateway", "iat": now, "exp": now + 300, "auth_time": now, "acr": "aal2", "amr": PUSH_AMR,
        }  # fmt: skip
        return self.keys.sign("at+jwt", {**claims, **changed})

    @web.middleware
    async def _remember(self, request: web.Request, handler: Any) -> web.StreamResponse:
        body = await request.read()
        self.requests.append((request.method, request.raw_path, dict(request.headers), body))
        if request.path in self.refuse:
            status, document = self.refuse[request.path]
            return problem(status, **document)
        if self.slow:
            await asyncio.sleep(self.slow)
        return await handler(request)

    def _begun(self, email: str, status: int) -> web.Response:
        # As ids are: nothing of the person is in them.
        user = f"user-{list(self.people).index(email) + 1}"
        token = self.partial(user, email)
        return web.json_response({"mfa_token": token, "expires_in": 300, "user_id": user}, status=status)

    async def _register(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["email"] in self.people:
            return problem(409, "email_taken")
        if len(body["password"]) < 12:
            return problem(400, "weak_password", reason="too_short")
        self.people[body["email"]] = body["password"]
        return self._begun(body["email"], 201)

    async def _login(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.people.get(body["email"]) != body["password"]:
            return problem(401, "invalid_credentials")
        return self._begun(body["email"], 200)

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form["grant_type"] == "refresh_token":
            self.refreshed.append(str(form["refresh_token"]))
            return self._grant(str(form["refresh_token"]) + "+")
        if form["grant_type"] != "urn:ietf:params:oauth:grant-type:token-exchange":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        # Spending is one step, like the database's.
        if form.get("receipt") != f"receipt-for-{form['subject_token']}" or form["subject_token"] in self.spent:
            return web.json_response({"error": "invalid_grant", "error_description": "no"}, status=400)
        self.spent.add(str(form["subject_token"]))
        self.sessions_opened += 1
        return self._grant("r-1")

    def _grant(self, refresh_token: str) -> web.Response:
        token = self.access(jti=f"a-{len(self.requests)}")
        body = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 300,
            "refresh_token": refresh_token,
            "scope": "",
        }
        return web.json_response(body)

    async def _empty(self, _request: web.Request) -> web.Response:
        return web.Response(status=200)

    async def _inactive(self, _request: web.Request) -> web.Response:
        return web.json_response({"active": False})

    async def _sessions(self, request: web.Request) -> web.Response:
        if not request.headers.get("Authorization"):
            return problem(401, "invalid_token")
        return web.json_response({"sessions": []})

    async def _end(self, request: web.Request) -> web.Response:
        self.ended.append(request.match_info["id"])
        return web.Response(status=204)

    async def _jwks(self, _request: web.Request) -> web.Response:
        return web.json_response(self.keys.jwks(), headers={"Cache-Control": "public, max-age=300"})

    async def _metadata(self, _request: web.Request) -> web.Response:
        grants = ["urn:ietf:params:oauth:grant-type:token-exchange", "refresh_token"]
        return web.json_response({"issuer": self.issuer, "grant_types_supported": grants})


def later(clock: Callable[[], datetime], seconds: float) -> str:
    return (clock() + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
