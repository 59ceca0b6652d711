"""What an attacker brings along: a person to attack, requests that no client library sends, keys of their own."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.clock import system_clock
from tests.fakes.phone_numbers import new_number
from tests.fakes.secret_scan import SECRETS
from tools.demo.story import MFA_OTP, Story, bearer
from tools.devstack.stack import Stack

EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
}
MFA_RECOVERY_CODE = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
Json = dict[str, Any]
Answer = tuple[int, Json]


class Victim(Story):
    """The demo's person, one step at a time, over the public API."""

    @classmethod
    async def of(cls, stack: Stack, http: ClientSession) -> "Victim":
        """Somebody with an account and a phone."""
        victim = cls(http, stack.url, stack.simulator_url, lambda *_: None)
        victim.number = new_number()
        victim.phone = f"44-{victim.number}"
        SECRETS.note(victim.password, victim.email, victim.number, victim.number.replace(" ", ""))
        await victim._register()
        return victim

    async def partial(self) -> str:
        """The password is known (to them, or to whoever stole it): a new login."""
        return await self._sign_in()

    async def push(self, partial: str) -> str:
        """The id of a challenge that waits for the phone."""
        return await self._ask_for_a_push(partial)

    async def press(self, button: str) -> None:
        """`approve` or `deny` the newest request on the phone; who approves types its number, too."""
        request = await self.pending()
        if button == "approve":
            await self._type_number(request["hidden_details"]["challenge"], request["details"])
        async with self.http.post(
            f"{self.simulator_url}/control/approval_requests/{request['uuid']}/{button}"
        ) as answer:
            await answer.read()

    async def pending(self) -> Json:
        """The newest request that waits on the phone."""
        return next(each for each in await self.requests() if each["status"] == "pending")

    async def requests(self) -> list[Json]:
        """What is on the phone, newest first."""
        async with self.http.get(f"{self.simulator_url}/control/phones/{self.phone}") as answer:
            found: list[Json] = (await answer.json())["approval_requests"]
        return found

    async def approved(self) -> str:
        """A partial token whose login the phone has approved."""
        partial = await self.partial()
        await self.push(partial)
        await self.press("approve")
        return partial

    async def session(self) -> Json:
        """The tokens of a session that was opened as it should be."""
        status, tokens = await self.exchange(await self.approved())
        assert status == 200, tokens
        return tokens

    async def exchange(self, partial: str) -> Answer:
        return await self.token({**EXCHANGE, "subject_token": partial})

    async def code(self) -> str:
        """What the Authy app on the phone shows now."""
        async with self.http.get(f"{self.simulator_url}/control/phones/{self.phone}") as answer:
            return str((await answer.json())["app_token"])

    async def confirm(self, partial: str, code: str) -> Answer:
        """A session for a code at hand, in one request."""
        return await self.token({"grant_type": MFA_OTP, "mfa_token": partial, "otp": code})

    async def refresh(self, token: str) -> Answer:
        return await self.token({"grant_type": "refresh_token", "refresh_token": token})

    async def token(self, form: Mapping[str, str], base: str | None = None) -> Answer:
        return await self.ask("POST", "/oauth2/token", base=base, data=form)

    async def ask(
        self, method: str, path: str, token: str | None = None, *, base: str | None = None, **more: Any
    ) -> Answer:
        """Any request; the answer's JSON, `{}` if it has none."""
        headers = {**(bearer(token) if token else {}), **more.pop("headers", {})}
        address = f"{base or self.url}{path}"
        async with self.http.request(method, address, headers=headers, allow_redirects=False, **more) as answer:
            body = await answer.read()
            is_json = "json" in answer.content_type and body
            told: Json = (await answer.json(content_type=None)) if is_json else {}
            _note_secrets(token, more.get("json"), told)
            return answer.status, told

    async def status(self, partial: str, challenge: str) -> str:
        """Where the challenge stands, by twofactor's own word."""
        _, body = await self.ask("GET", f"/v1/mfa/challenges/{challenge}", partial, headers={"Prefer": "wait=1"})
        return str(body.get("status", body.get("error")))


def _note_secrets(token: str | None, *bodies: Any) -> None:
    SECRETS.note(*([token[-40:]] if token else []))
    for body in bodies:
        if isinstance(body, dict):
            secret = ("password", "current_password", "new_password", "device_token", "refresh_token", "secret", "uri")
            SECRETS.note(*(said for name, said in body.items() if name in secret and isinstance(said, str)))
            tokens = ("mfa_token", "access_token", "receipt")
            SECRETS.note(*(str(said)[-40:] for name, said in body.items() if name in tokens))


async def raw(port: int, request: bytes, *, seconds: float = 5.0) -> bytes:
    """All that comes back for these very bytes, until the server closes or `seconds` are over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(seconds):
            while piece := await reader.read(65536):
                answer += piece
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()
    return answer


def lines(*each: str, body: bytes = b"") -> bytes:
    """A request line and headers, the connection closed afterwards."""
    return "\r\n".join([*each, "Host: 127.0.0.1", "Connection: close", "", ""]).encode("latin-1") + body


def status_of(answer: bytes) -> int:
    """0 when nothing came back."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


def claims_of(token: str) -> Json:
    """What a token says, without checking who said it."""
    found: Json = jwt.decode(token, options={"verify_signature": False})
    return found


def signed(claims: Json, typ: str, kid: str, key: ec.EllipticCurvePrivateKey | str) -> str:
    """A token made with the attacker's key, under any name."""
    return jwt.encode(claims, key, algorithm="ES256", headers={"typ": typ, "kid": kid})


def receipt_for(partial: str, public_url: str, **changes: Any) -> Json:
    """The claims of a receipt that would open a session for this partial token, were it twofactor's."""
    login, now = claims_of(partial), system_clock()
    return {
        "iss": f"{public_url}/approvals",
        "aud": public_url,
        "sub": login["sub"],
        "txn": login["txn"],
        "pjti": login["jti"],
        "jti": login["txn"],
        "amr": ["pwd", "swk", "mca", "mfa"],
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(seconds=60)).timestamp()),
        **changes,
    }
