"""People with phones, who sign in through the public API as anybody would."""

import asyncio
import itertools
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from aiohttp import ClientSession, ClientTimeout, TCPConnector

from bench.rounds import Sample
from chassis.clock import system_clock
from tools.authy_simulator.model.phone import Phone
from tools.authy_simulator.model.token import app_token, step_of
from tools.demo.story import JWT_TYPE, MFA_OTP, TOKEN_EXCHANGE, bearer
from tools.devstack.stack import Stack, running

OURS = ("gateway", "auth", "twofactor")
# Nobody is slowed down who is measured; what a limit costs is part of what is measured all the same.
WIDE = {
    "REGISTRATIONS": "10000000",
    "REGISTRATIONS_NETWORK": "1000000",
    "LOGIN_TRIES_NETWORK": "1000000",
    "CHALLENGES_NETWORK": "1000000",
    "WAITERS_PER_LOGIN": "100",
}
# Whoever has a code need not be told of other ways.
LESS = {"Prefer": "return=minimal"}
CHEAP_HASH = {"ARGON2_MEMORY_KIB": "8", "ARGON2_PASSES": "1"}
_numbers = itertools.count(1)


class NotAsExpected(Exception):
    """The system refused what it must not."""


@dataclass(frozen=True)
class Person:
    """Somebody with a phone."""

    email: str
    password: str
    number: str

    @property
    def code(self) -> str:
        """What the Authy app on the phone shows now."""
        phone = Phone.parse(f"44-{self.number}")
        if phone is None:
            raise NotAsExpected(self.number)
        return app_token(phone, step_of(system_clock()))


@contextmanager
def system(settings: Mapping[str, str]) -> Iterator[Stack]:
    """The whole system as `make up` starts it, on data of its own."""
    with TemporaryDirectory(prefix="cs-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "data", settings={**WIDE, **settings}) as stack:
            yield stack


def our_processes(stack: Stack) -> list[psutil.Process]:
    """The processes of the product, without stores, simulator and upstream."""
    return [psutil.Process(stack.processes[name].pid) for name in OURS]


class Client:
    """Whoever signs in, at one system."""

    def __init__(self, http: ClientSession, url: str) -> None:
        self.http, self.url = http, url

    async def register(self) -> Person:
        """Somebody new, with the Authy app."""
        number = f"7400{next(_numbers):06d}"
        person = Person(f"p{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(18), number)
        phone = {"country_code": "44", "number": number}
        await self.post("/v1/users", 201, json={"email": person.email, "password": person.password, "phone": phone})
        return person

    async def sign_in(self, person: Person) -> dict[str, Any]:
        """Password, and the code that the app shows: the tokens, in two requests."""
        return await self.confirm(await self.password(person, LESS), person.code)

    async def sign_in_from_a_list(self, person: Person) -> dict[str, Any]:
        """The same, and the ways in which it could be confirmed are told after the password."""
        return await self.confirm(await self.password(person), person.code)

    async def confirm(self, partial: str, code: str) -> dict[str, Any]:
        """The session for a code at hand."""
        return await self.post("/oauth2/token", 200, data={"grant_type": MFA_OTP, "mfa_token": partial, "otp": code})

    async def sign_in_step_by_step(self, person: Person) -> dict[str, Any]:
        """Password, challenge, code, exchange, as pages do: the tokens, in four."""
        partial = await self.password(person)
        challenge = await self.post("/v1/mfa/challenges", 201, json={"channel": "app"}, headers=bearer(partial))
        code = f"/v1/mfa/challenges/{challenge['id']}/code"
        await self.post(code, 200, json={"code": person.code}, headers=bearer(partial))
        return await self.exchange(partial)

    async def password(self, person: Person, preferences: Mapping[str, str] | None = None) -> str:
        """The partial token; `LESS` preferred, nothing else."""
        credentials = {"email": person.email, "password": person.password}
        return str((await self.post("/v1/login", 200, json=credentials, headers=preferences))["mfa_token"])

    async def exchange(self, partial: str) -> dict[str, Any]:
        """The session for an approved login."""
        form = {"grant_type": TOKEN_EXCHANGE, "subject_token": partial, "subject_token_type": JWT_TYPE}
        return await self.post("/oauth2/token", 200, data=form)

    async def post(self, path: str, expected: int, **what: Any) -> dict[str, Any]:
        """The answer's document; raises `NotAsExpected`."""
        async with self.http.post(self.url + path, **what) as answer:
            if answer.status != expected:
                raise NotAsExpected(f"POST {path}: {answer.status} {await answer.text()}")
            found: dict[str, Any] = await answer.json()
            return found


def client_session() -> ClientSession:
    """Many connections, and patience."""
    return ClientSession(timeout=ClientTimeout(total=None, sock_read=60), connector=TCPConnector(limit=0))


async def side_by_side(stories: Sequence[Callable[[], Awaitable[Any]]], at_once: int) -> list[Any]:
    """All of them, so many at a time, in order."""
    places = asyncio.Semaphore(at_once)

    async def told(story: Callable[[], Awaitable[Any]]) -> Any:
        async with places:
            return await story()

    return await asyncio.gather(*(told(story) for story in stories))


async def timed_side_by_side(
    stories: Sequence[Callable[[], Awaitable[Any]]], at_once: int, cpu: Callable[[], float]
) -> tuple[Sample, list[Any]]:
    """The same, with what it cost: `cpu` says how many seconds have been used so far."""
    seconds = []

    async def timed(story: Callable[[], Awaitable[Any]]) -> Any:
        began = time.perf_counter()
        brought = await story()
        seconds.append(time.perf_counter() - began)
        return brought

    used, began = cpu(), time.perf_counter()
    brought = await side_by_side([partial(timed, story) for story in stories], at_once)
    took, used = time.perf_counter() - began, cpu() - used
    ordered, many = sorted(seconds), len(stories)
    p99 = ordered[min(many - 1, int(0.99 * many))]
    return Sample(many / took, used / many * 1e6, ordered[many // 2] * 1e3, p99 * 1e3), brought
