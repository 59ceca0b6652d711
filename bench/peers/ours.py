"""This system as it is compared: gateway, auth and twofactor, by its public API."""

from collections.abc import Sequence
from typing import Any

import jwt
import psutil
from aiohttp import ClientSession, encode_basic_auth

from bench.load import Load, cycle, get, post
from bench.peers.contender import Member, Proof, ask, code_of, somebody, step_now
from bench.people import CHEAP_HASH, LESS, Client, NotAsExpected, our_processes
from bench.processes import pin
from bench.rounds import Case
from tools.demo.story import bearer
from tools.devstack.stack import Stack

SETTINGS = {**CHEAP_HASH, "FORWARD_AUTH_PROXIES": "127.0.0.0/8", "ACCESS_TTL": "3600"}
CHECK, INTROSPECT = "/authz/auth-request", "/oauth2/introspect"
ASKED_FOR = {"X-Original-Method": "GET", "X-Original-Host": "app.example", "X-Original-Proto": "https"}
CHECKED = frozenset({200, 204})
PATHS = 20


async def enrolled(client: Client) -> Member:
    """Somebody new, with an authenticator app."""
    (email, password), step = somebody(), step_now()
    partial = (await client.post("/v1/users", 201, json={"email": email, "password": password}))["mfa_token"]
    begun = await client.post("/v1/mfa/factors", 202, json={"totp": {}}, headers=bearer(partial))
    path, code = f"/v1/mfa/factors/{begun['id']}/confirmation", code_of(begun["secret"], step)
    await client.post(path, 201, json={"code": code}, headers=bearer(partial))
    # Our own API has just said it: whoever only compares need not verify.
    known_as = jwt.decode(partial, options={"verify_signature": False})["sub"]
    return Member(email, password, begun["secret"], step, known_as)


async def signed_in(client: Client, member: Member) -> dict[str, Any]:
    """Password and code: the tokens, in two requests."""
    credentials = {"email": member.email, "password": member.password}
    partial = (await client.post("/v1/login", 200, json=credentials, headers=LESS))["mfa_token"]
    return await client.confirm(partial, member.code)


class Ours:
    """All three processes count, and share one core as each of the others has one."""

    name = "Countersign"

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        for process in self.processes():
            pin(process.pid, 0)

    def processes(self) -> Sequence[psutil.Process]:
        return our_processes(self.stack)

    async def enrol(self, http: ClientSession) -> Member:
        return await enrolled(Client(http, self.stack.url))

    async def sign_in(self, http: ClientSession, member: Member) -> Proof:
        return bearer((await signed_in(Client(http, self.stack.url), member))["access_token"])

    async def who(self, http: ClientSession, proof: Proof) -> str:
        async with http.get(self.stack.url + CHECK, headers=_as_a_proxy_asks(proof, 0)) as answer:
            answer.raise_for_status()
            return answer.headers.get("Countersign-User", "")

    async def cases(self, http: ClientSession, proofs: Sequence[Proof]) -> list[Case]:
        checks = [get(CHECK, _as_a_proxy_asks(proof, path)) for proof in proofs for path in range(PATHS)]
        questions = [post(INTROSPECT, self._service(), _question(proof)) for proof in proofs]
        address, auth = self.stack.ports.url(self.stack.ports.auth), [psutil.Process(self.stack.processes["auth"].pid)]
        for proof in proofs:
            told = await ask(http, "POST", address + INTROSPECT, 200, data=_question(proof), headers=self._service())
            if told.document["active"] is not True:
                raise NotAsExpected("a session that was opened just now is not known")
        return [
            Case("check: Countersign", self.processes(), lambda: Load(self.stack.url, cycle(checks)), CHECKED),
            Case("check: Countersign, asking PostgreSQL", auth, lambda: Load(address, cycle(questions)), CHECKED),
        ]

    def _service(self) -> dict[str, str]:
        name, _, secret = self.stack.environments["auth"]["COUNTERSIGN_SERVICE_CLIENTS"].split()[0].partition(":")
        return {"Authorization": encode_basic_auth(name, secret), "Content-Type": "application/x-www-form-urlencoded"}


def _question(proof: Proof) -> bytes:
    return b"token=" + proof["Authorization"].removeprefix("Bearer ").encode()


def _as_a_proxy_asks(proof: Proof, path: int) -> dict[str, str]:
    """As nginx asks about a request to the demo upstream."""
    return {**proof, **ASKED_FOR, "X-Original-URI": f"/demo/things/{path}"}
