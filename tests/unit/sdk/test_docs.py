"""docs/sdk.md is true: every snippet runs, and does what the page says."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from httpx2 import ASGITransport, AsyncClient

from countersign.testing import Issuer, bearer, served, through_the_gateway
from tests.fakes.snippets import run, snippets

PAGE = snippets("docs/sdk.md")
# With a real login: tests/integration/sdk/test_docs.py.
ON_THE_REAL_SYSTEM = {"Sign in from a program", "Act in your own name"}


def test_every_snippet_is_run_by_a_test() -> None:
    here = {
        "aiohttp", "FastAPI, Starlette, any ASGI", "Sessions that have ended", "Services that call in their own name",
        "Anything else", "Your tests",
    }  # fmt: skip
    assert set(PAGE) == here | ON_THE_REAL_SYSTEM


async def ask(client: Any, method: str, path: str, headers: dict[str, str]) -> int:
    answer = await client.request(method, path, headers=headers)
    return int(getattr(answer, "status_code", 0) or answer.status)


async def greeted(client: Any, issuer: Issuer) -> None:
    ada = bearer(issuer.access_token("ada"))
    assert await ask(client, "GET", "/livez", {}) == 200
    assert await ask(client, "GET", "/hello", {}) == 401
    assert await ask(client, "GET", "/hello", ada) == 200
    assert await ask(client, "GET", "/hello", through_the_gateway(issuer, "payments")) == 200
    assert await ask(client, "POST", "/transfers", ada) == 200
    assert await ask(client, "POST", "/transfers", bearer(issuer.access_token(confirmed_ago=301))) == 401


async def test_the_aiohttp_service() -> None:
    issuer, names = Issuer(), await run(PAGE["aiohttp"])
    async with TestClient(TestServer(names["make_app"](issuer.trust("payments")))) as client:
        await greeted(client, issuer)


async def test_the_fastapi_service() -> None:
    issuer, names = Issuer(), await run(PAGE["FastAPI, Starlette, any ASGI"])
    app = names["make_app"](issuer.trust("payments"))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://service") as client:
        await greeted(client, issuer)


async def test_the_trust_that_follows_ended_sessions() -> None:
    names = await run(PAGE["Sessions that have ended"])
    async with names["trust"].open() as guard:
        assert guard.access.revocations.is_stale
        assert guard.access.revocations.stale_after.total_seconds() == 30


async def test_the_service_for_services() -> None:
    issuer, names = Issuer(), await run(PAGE["Services that call in their own name"])
    async with TestClient(TestServer(names["make_app"](issuer.trust(services=True)))) as client:
        for token, reader in (
            (issuer.service_token("billing", scope="reports:read"), "billing"),
            (issuer.access_token("ada", scope="reports:read"), "ada"),
        ):
            async with client.get("/report", headers=bearer(token)) as answer:
                assert await answer.json() == {"read_by": reader}
        assert await ask(client, "GET", "/report", bearer(issuer.service_token("billing"))) == 403


async def test_the_guard_by_hand() -> None:
    issuer = Issuer()
    async with served(issuer) as address:
        code = PAGE["Anything else"].replace(
            'Trust("https://id.example.com")', f'Trust("{issuer.url}", address="{address}")'
        )
        names = await run(code)
        assert await names["who_sends"](bearer(issuer.access_token("ada"))) == "ada"
        assert await names["who_sends"](bearer(Issuer().access_token("ada"))) == "nobody"


@pytest.mark.parametrize("service", ["aiohttp"])
async def test_the_test_of_a_service(service: str) -> None:
    names = await run(PAGE[service])
    tested = await run(PAGE["Your tests"], make_app=names["make_app"])
    await tested["test_a_transfer_needs_a_confirmation_of_the_last_five_minutes"]()
