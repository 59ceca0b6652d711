"""The story itself: each step does one thing, checks it, and tells it."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any, Protocol

from aiohttp import ClientSession, ClientTimeout

PATIENCE_SECONDS = 30.0
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 names of the standard (RFC 8693)
MFA_OTP = "http://auth0.com/oauth/grant-type/mfa-otp"
JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt"
NUMBER = "Number to type"
Json = dict[str, Any]


class Teller(Protocol):
    """Who hears the story."""

    def __call__(self, step: str, outcome: str) -> None:
        """One step, and what came of it."""


class DemoFailed(Exception):
    """A step did not go as it must; the message says which and what was answered."""


class Story:
    """One person, one phone, one login against the system at `url`."""

    def __init__(self, http: ClientSession, url: str, simulator_url: str, tell: Teller) -> None:
        self.http, self.url, self.simulator_url, self.tell = http, url, simulator_url, tell
        self.email = f"ada.{secrets.token_hex(4)}@example.com"
        self.password = secrets.token_urlsafe(18)
        self.number = f"7700 900{secrets.randbelow(1000):03d}"
        self.phone = f"44-{self.number.replace(' ', '')}"
        self.asked: dict[str, str] = {}

    async def run(self) -> None:
        """All of it; raises `DemoFailed`."""
        await self._register()
        partial = await self._sign_in()
        await self._find_the_door_closed(partial)
        challenge = await self._ask_for_a_push(partial)
        waiting = asyncio.create_task(self._wait(partial, challenge))
        await self._approve(challenge)
        await waiting
        tokens = await self._exchange(partial)
        await self._call_protected(tokens["access_token"])
        await self._find_it_spent(partial)

    async def _register(self) -> None:
        phone = {"country_code": "44", "number": self.number}
        body = {"email": self.email, "password": self.password, "phone": phone}
        await self._post("/v1/users", 201, json=body)
        self.tell("register", f"{self.email}, phone +44 {self.number}")

    async def _sign_in(self) -> str:
        login = await self._post("/v1/login", 200, json={"email": self.email, "password": self.password})
        require(login["status"] == "mfa_required", "the login asks for a second factor", login)
        channels = ", ".join(factor["channel"] for factor in login["factors"] if factor.get("available", True))
        self.tell("password", f"right: a partial token for {login['expires_in']} s; ways to confirm: {channels}")
        return str(login["mfa_token"])

    async def _find_the_door_closed(self, partial: str) -> None:
        async with self.http.get(f"{self.url}/demo/hello", headers=bearer(partial)) as answer:
            require(answer.status == 401, "the partial token opens nothing", answer.status)
        self.tell("protected", "401: the partial token opens nothing")

    async def _ask_for_a_push(self, partial: str) -> str:
        challenge = await self._post("/v1/mfa/challenges", 201, json={"channel": "push"}, headers=bearer(partial))
        require(challenge["status"] == "pending", "the challenge is pending", challenge)
        self.asked[str(challenge["id"])] = partial
        self.tell("push", f"sent, {challenge['expires_in']} s to answer")
        return str(challenge["id"])

    async def _wait(self, partial: str, challenge: str) -> None:
        """As a page waits: long-poll until something is said."""
        address, headers = f"{self.url}/v1/mfa/challenges/{challenge}", {**bearer(partial), "Prefer": "wait=25"}
        state: Json = {}
        for _ in range(3):
            async with self.http.get(address, headers=headers) as answer:
                state = await answer.json()
            if state["status"] != "pending":
                require(state["status"] == "approved", "the browser hears of the approval", state)
                self.tell("waiting", "the browser that waited is told: approved")
                return
        raise DemoFailed(f"the browser waited in vain: {state}")

    async def _approve(self, challenge: str) -> None:
        async with self.http.get(f"{self.simulator_url}/control/phones/{self.phone}") as answer:
            phone = await answer.json()
        request = next(r for r in phone["approval_requests"] if r["status"] == "pending")
        shown = ", ".join(f"{label}: {value}" for label, value in request["details"].items())
        self.tell("phone", f"“{request['message']}” {shown}")
        await self._type_number(challenge, request["details"])
        address = f"{self.simulator_url}/control/approval_requests/{request['uuid']}/approve"
        async with self.http.post(address) as answer:
            callback = (await answer.json())["callback"]
        require(callback["status"] == 200, f"the signed callback for {challenge} is believed", callback)
        self.tell("approve", f"pressed; the signed callback to {callback['url']} was answered {callback['status']}")

    async def _type_number(self, challenge: str, details: Mapping[str, str]) -> None:
        """What the phone shows is typed where the login began. Approve alone opens nothing."""
        if challenge not in self.asked or NUMBER not in details:
            return
        partial, code = self.asked[challenge], {"code": details[NUMBER]}
        half = await self._post(f"/v1/mfa/challenges/{challenge}/code", 200, json=code, headers=bearer(partial))
        require(half["waiting_for"] == ["phone"], "the number is right, and the phone is still to say yes", half)
        self.tell("number", f"{code['code']} typed where the login began: the phone is still to say yes")

    async def _exchange(self, partial: str) -> Json:
        form = {"grant_type": TOKEN_EXCHANGE, "subject_token": partial, "subject_token_type": JWT_TYPE}
        tokens = await self._post("/oauth2/token", 200, data=form)
        self.tell("exchange", f"a session: access token for {tokens['expires_in']} s, and a refresh token")
        return tokens

    async def _call_protected(self, access: str) -> None:
        headers = {**bearer(access), "Countersign-User": "someone-else", "Accept": "application/json"}
        async with self.http.get(f"{self.url}/demo/hello", headers=headers) as answer:
            require(answer.status == 200, "the session opens the service", answer.status)
            seen = await answer.json()
        claims = seen["assertion"]["claims"]
        received = {name.lower(): value for name, value in seen["headers"]}
        require(claims["acr"] == "aal2", "the upstream is told how the person signed in", claims)
        require(received["countersign-user"] == claims["sub"], "a forged identity header does not arrive", received)
        require("authorization" not in received, "the token stays at the gateway", sorted(received))
        self.tell("protected", f"200: the service sees {claims['sub']}, {claims['acr']}, {' '.join(claims['amr'])}")

    async def _find_it_spent(self, partial: str) -> None:
        form = {"grant_type": TOKEN_EXCHANGE, "subject_token": partial, "subject_token_type": JWT_TYPE}
        refusal = await self._post("/oauth2/token", 400, data=form)
        self.tell("again", f"400 {refusal['error']}: an approval opens one session")

    async def _post(self, path: str, expected: int, *, headers: Mapping[str, str] | None = None, **body: Any) -> Json:
        async with self.http.post(f"{self.url}{path}", headers=headers, **body) as answer:
            text = await answer.text()
            require(answer.status == expected, f"POST {path} answers {expected}", f"{answer.status} {text}")
            found: Json = await answer.json(content_type=None)
        return found


def bearer(token: str) -> dict[str, str]:
    """The header of RFC 6750 section 2.1."""
    return {"Authorization": f"Bearer {token}"}


def require(holds: bool, what: str, seen: object) -> None:
    """Raises `DemoFailed` unless it holds."""
    if not holds:
        raise DemoFailed(f"not so: {what}. Seen: {seen}")


async def tell_story(url: str, simulator_url: str, tell: Teller) -> None:
    """Runs the story against a system; raises `DemoFailed`."""
    async with ClientSession(timeout=ClientTimeout(total=PATIENCE_SECONDS)) as http:
        await Story(http, url.rstrip("/"), simulator_url.rstrip("/"), tell).run()
