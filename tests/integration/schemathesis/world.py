"""Who asks: a person with a phone, a service with a secret, and tokens that are good when they have to be."""

import asyncio
import itertools
from base64 import b64encode
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import schemathesis
from aiohttp import ClientSession
from schemathesis.core.parameters import ParameterLocation

from gateway.described import ADA
from tests.security.system.attacker import Victim, claims_of
from tools.devstack.stack import Stack

T = TypeVar("T")
# A login has so many challenges; the next one is begun before.
USES = 8
# A person may open so many challenges in an hour: after these logins somebody else comes.
LOGINS = 5


@dataclass
class World:
    """Tokens of one person, made over the public API and replaced when they have been used up."""

    stack: Stack
    client: tuple[str, str]
    addresses: "itertools.count[int]" = field(default_factory=itertools.count)
    turns: "itertools.count[int]" = field(default_factory=itertools.count)
    people: dict[str, Victim] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    used: int = 0
    logins: int = 0

    def authorization(self, kind: str, path: str) -> str:
        """The header for `partial`, `access` or `client`."""
        if kind == "client":
            return "Basic " + b64encode(":".join(self.client).encode()).decode()
        # Whoever loses the phone, or says "it was not me", cannot sign in for the other tests.
        whose = next((part for part in ("/factors", "/disavowals") if kind == "access" and part in path), "")
        # What a password token would be good for, a partial token is not.
        kind = "partial" if kind == "renewal" else kind
        name = f"{kind} {whose}"
        self.used += 1
        if not self._is_good(name, whose):
            self.logins += 1
            if self.logins % LOGINS == 0:
                self.people.pop("", None)
            self.kept[name] = self._run(self._partial if kind == "partial" else self._access, whose)
            self.used = 0
            if whose == "/factors":
                # The only factor stays; with codes beside it the phone may go.
                self._ask("POST", "/v1/mfa/recovery-codes", {"Authorization": f"Bearer {self.kept[name]}"})
        return f"Bearer {self.kept[name]}"

    def id_for(self, path: str, authorization: str) -> str:
        """Something of theirs that is there: a challenge of the login, a factor, the session."""
        sent = {"Authorization": authorization}
        if "/challenges/" in path:
            found = self._ask("POST", "/v1/mfa/challenges", sent, json={"channel": "app"}).json()
            return str(found.get("id") or found.get("challenge_id"))
        if "/factors/" in path:
            return str(self._ask("GET", "/v1/mfa/factors", sent).json()["factors"][0]["id"])
        return str(claims_of(authorization.removeprefix("Bearer "))["sid"])

    def is_second(self, label: str) -> bool:
        """Every second request of an operation, whatever the others do."""
        self.asked[label] += 1
        return self.asked[label] % 2 == 0

    def address(self) -> str:
        """A client's address that nobody has counted against yet."""
        number = next(self.addresses)
        return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def _is_good(self, name: str, whose: str) -> bool:
        if name not in self.kept:
            return False
        if name.startswith("partial"):
            return self.used <= USES
        sent = {"Authorization": f"Bearer {self.kept[name]}"}
        left = self._ask("GET", "/v1/mfa/factors", sent).json().get("factors") if whose == "/factors" else []
        if whose == "/factors" and not any(factor["channel"] == "push" for factor in left or []):
            del self.people[whose]
            return False
        is_open = self._ask("GET", "/v1/sessions", sent).status_code == 200
        if whose == "/disavowals" and not is_open:
            del self.people[whose]
        return is_open

    def _ask(self, method: str, path: str, headers: Mapping[str, str], **more: Any) -> httpx.Response:
        return httpx.request(method, self.stack.url + path, headers=headers, timeout=10, **more)

    @staticmethod
    async def _partial(victim: Victim) -> str:
        return await victim.partial()

    @staticmethod
    async def _access(victim: Victim) -> str:
        return str((await victim.session())["access_token"])

    def _run(self, story: Callable[[Victim], Awaitable[T]], whose: str) -> T:
        async def told() -> T:
            async with ClientSession(headers={"X-Forwarded-For": self.address()}) as http:
                person = self.people.get(whose) or await Victim.of(self.stack, http)
                self.people[whose], person.http = person, http
                return await story(person)

        return asyncio.run(told())


class Holder:
    """schemathesis's `AuthProvider`: an address that nobody has counted against, and the token that is asked for.

    Every second request that may name anything in its path names something that is there.
    """

    world: World

    def get(self, case: schemathesis.Case, _context: schemathesis.AuthContext) -> dict[str, str]:
        needed = case.operation.definition.raw.get("security") or [{}]
        kinds = [kind for choice in needed for kind in choice]
        headers = {"X-Forwarded-For": self.world.address()}
        if kinds and {} not in needed:
            headers["Authorization"] = self.world.authorization(kinds[0], case.operation.path)
        return headers

    def set(self, case: schemathesis.Case, data: dict[str, str], _context: schemathesis.AuthContext) -> None:
        case.headers = {**(case.headers or {}), **data}
        if case.path == "/v1/users" and isinstance(case.body, dict) and case.body.get("email") == ADA["email"]:
            # The description's example is everybody's, and an address is taken once.
            case.body = {**case.body, "email": f"ada.{next(self.world.turns)}@example.com"}
        is_good = case.meta is not None and not case.meta.is_negative_at(ParameterLocation.PATH)
        if is_good and case.path_parameters and "Authorization" in data and self.world.is_second(case.operation.label):
            for name in case.path_parameters:
                case.path_parameters[name] = self.world.id_for(case.operation.path, data["Authorization"])
