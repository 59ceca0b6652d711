"""What is asked of everybody who is compared: people enrol, sign in, and can be told by what they hold."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import psutil
import pyotp
from aiohttp import ClientSession

from bench.people import CHEAP_HASH, NotAsExpected
from bench.rounds import Case
from chassis.clock import system_clock
from tools.devstack.engines import PASSWORD, Postgres

STEP_SECONDS = 30
# To everybody the same Argon2id, as cheap as it goes.
EQUAL_HASH = {"MEMORY_KIB": CHEAP_HASH["ARGON2_MEMORY_KIB"], "PASSES": CHEAP_HASH["ARGON2_PASSES"]}
# Signs the sessions of systems that live for minutes, on loopback.
SECRET = "of-a-comparison-only-" + secrets.token_urlsafe(24)
# Headers that say whose session it is.
Proof = Mapping[str, str]


@dataclass(frozen=True)
class Member:
    """Somebody with an authenticator app: its `secret` in base32, the time step whose code was used to enrol."""

    email: str
    password: str
    secret: str
    step: int
    known_as: str

    @property
    def code(self) -> str:
        """A code is good once: who enrolled in this step shows the next one's, which all of them take."""
        return code_of(self.secret, max(step_now(), self.step + 1))


class Contender(Protocol):
    """One system, running."""

    name: str

    def processes(self) -> Sequence[psutil.Process]:
        """All of it but PostgreSQL and Valkey."""

    async def enrol(self, http: ClientSession) -> Member:
        """Somebody new, with an authenticator app."""

    async def sign_in(self, http: ClientSession, member: Member) -> Proof:
        """Password, code, session."""

    async def who(self, http: ClientSession, proof: Proof) -> str:
        """Whose session it is, by the question that is measured; "" if nobody's."""

    async def cases(self, http: ClientSession, proofs: Sequence[Proof], /) -> list[Case]:
        """Its ways to ask that, the one to compare first."""


class Peer(Protocol):
    """Another system: how it comes here, how it starts. Each `driver.py` is one."""

    NAME: str
    DATABASE: str

    def install(self, folder: Path) -> None:
        """Once; raises `NotInstalled`."""

    def about(self) -> str:
        """Names and versions."""

    def started(self, folder: Path, postgres: Postgres) -> AbstractContextManager[Contender]:
        """On a database of its own in `postgres`; raises `NotReady`."""


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    document: Any
    cookies: SimpleCookie

    def cookie(self, ending: str) -> str:
        """`name=value` of the cookie whose name ends so; raises `NotAsExpected`."""
        for name, cookie in self.cookies.items():
            if name.endswith(ending):
                return f"{name}={cookie.value}"
        raise NotAsExpected(f"no cookie {ending} but {', '.join(self.cookies)}")


async def ask(http: ClientSession, method: str, url: str, expected: int, **what: Any) -> Answer:
    """Raises `NotAsExpected` for another status."""
    async with http.request(method, url, **what) as answer:
        if answer.status != expected:
            raise NotAsExpected(f"{method} {url}: {answer.status} {await answer.text()}")
        return Answer(await answer.json(), answer.cookies)


def step_now() -> int:
    """The time step (RFC 6238)."""
    return int(system_clock().timestamp()) // STEP_SECONDS


def code_of(secret: str, step: int) -> str:
    """What an app with this secret shows in that step."""
    return pyotp.TOTP(secret).generate_otp(step)


def secret_in(uri: str) -> str:
    """The secret of an otpauth address, in base32; raises `NotAsExpected`."""
    found = parse_qs(urlsplit(uri).query).get("secret")
    if not found:
        raise NotAsExpected(f"no secret in {uri.partition('?')[0]}")
    return found[0]


def somebody() -> tuple[str, str]:
    """An address and a password that nobody has."""
    return f"p{secrets.token_hex(8)}@example.com", secrets.token_urlsafe(18)


def own_database(postgres: Postgres, name: str) -> None:
    """A database and its owner, both of this name."""
    postgres.psql("postgres", f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}';")
    postgres.psql("postgres", f"CREATE DATABASE {name} OWNER {name};")
