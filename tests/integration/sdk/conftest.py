"""A person with a phone, who signs in with the SDK's client."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar

from countersign.client import BegunLogin, ClientSecret, Countersign, Grant, Phone
from tests.fakes.phone_numbers import new_number
from tools.demo.story import NUMBER
from tools.devstack.stack import Stack


@dataclass
class Person:
    """Somebody new; `api` is the SDK's client at the stack."""

    api: Countersign
    http: ClientSession
    simulator_url: str
    email: str = field(default_factory=lambda: f"ada.{secrets.token_hex(4)}@example.com")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    number: str = field(default_factory=new_number)

    async def register(self) -> BegunLogin:
        return await self.api.accounts.register(self.email, self.password, Phone("44", self.number))

    async def control(self, method: str, path: str) -> Any:
        async with self.http.request(method, f"{self.simulator_url}/control/{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def phone(self) -> Any:
        return await self.control("GET", f"phones/44-{self.number.replace(' ', '')}")

    async def pending(self) -> Any:
        """The newest request on the phone."""
        return next(each for each in (await self.phone())["approval_requests"] if each["status"] == "pending")

    async def press(self, button: str) -> None:
        await self.control("POST", f"approval_requests/{(await self.pending())['uuid']}/{button}")

    async def approve(self, mfa_token: str) -> None:
        """Types the number that the phone shows, and presses Approve there."""
        request = await self.pending()
        await self.api.challenges.answer(mfa_token, request["hidden_details"]["challenge"], request["details"][NUMBER])
        await self.press("approve")

    async def signed_in(self) -> Grant:
        await self.register()
        login = await self.api.accounts.login(self.email, self.password)
        challenge = await self.api.challenges.open(login.mfa_token, "push")
        await self.approve(login.mfa_token)
        assert (await self.api.challenges.wait(login.mfa_token, challenge.id)).status == "approved"
        return await self.api.tokens.exchange(login.mfa_token)


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession(timeout=ClientTimeout(total=40), cookie_jar=DummyCookieJar()) as session:
        yield session


@pytest.fixture
def service_client(stack: Stack) -> ClientSecret:
    """The credentials of a service that the stack knows."""
    line = (stack.data / "secrets" / "service_clients").read_text().split()[0]
    client_id, _, secret = line.partition(":")
    return ClientSecret(client_id, secret)


@pytest.fixture
def api(stack: Stack, http: ClientSession, service_client: ClientSecret) -> Countersign:
    return Countersign(http, stack.url, client=service_client)


@pytest.fixture
def person(stack: Stack, http: ClientSession) -> Person:
    return Person(Countersign(http, stack.url), http, stack.simulator_url)
