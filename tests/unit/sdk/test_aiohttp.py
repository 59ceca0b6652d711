"""The aiohttp middleware where an application is larger than an example."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from countersign import InvalidToken, Requirements, ServiceToken, Trust
from countersign.aiohttp import GUARD, anyone, caller, identity, protect, require, requires
from countersign.client import ClientSecret
from countersign.testing import Issuer, bearer, key_app, served, through_the_gateway

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@asynccontextmanager
async def running(app: web.Application) -> AsyncIterator[Client]:
    async with TestClient(TestServer(app)) as client:
        yield client


async def hello(request: web.Request) -> web.Response:
    return web.Response(text=identity(request).subject)


class Accounts(web.View):
    @requires(scope="accounts:read")
    async def get(self) -> web.Response:
        return web.Response(text=identity(self.request).subject)

    async def post(self) -> web.Response:
        require(self.request, Requirements.of(max_age=60))
        return web.Response(text="changed")


@anyone
class Open(web.View):
    async def get(self) -> web.Response:
        return web.Response(text="open")


class NotOpen(Open):
    """Closed, though its parent is open."""


class Bound:
    @requires(acr="aal2")
    async def handler(self, request: web.Request) -> web.Response:
        return web.Response(text=identity(request).subject)


async def status(client: Client, path: str, headers: Any = None, method: str = "GET") -> int:
    async with client.request(method, path, headers=headers) as answer:
        return answer.status


async def test_views_bound_methods_and_requirements_inside_a_handler(issuer: Issuer) -> None:
    app = web.Application()
    protect(app, issuer.trust())
    app.add_routes([web.view("/accounts", Accounts), web.get("/bound", Bound().handler), web.view("/open", Open)])
    app.add_routes([web.view("/not-open", NotOpen)])
    async with running(app) as client:
        assert await status(client, "/accounts", bearer(issuer.access_token())) == 403
        assert await status(client, "/accounts", bearer(issuer.access_token(scope="accounts:read"))) == 200
        assert await status(client, "/accounts", bearer(issuer.access_token(confirmed_ago=61)), "POST") == 401
        assert await status(client, "/accounts", bearer(issuer.access_token()), "POST") == 200
        assert await status(client, "/bound", bearer(issuer.access_token())) == 200
        assert await status(client, "/open") == 200
        assert await status(client, "/not-open") == 401


async def test_an_application_within_the_application_is_closed_too(issuer: Issuer) -> None:
    app, inner = web.Application(), web.Application()
    inner.router.add_get("/hello", requires(scope="x")(hello))
    protect(app, issuer.trust())
    app.add_subapp("/inner", inner)
    async with running(app) as client:
        assert await status(client, "/inner/hello") == 401
        assert await status(client, "/inner/elsewhere") == 401
        assert await status(client, "/inner/hello", bearer(issuer.access_token())) == 403
        assert await status(client, "/inner/hello", bearer(issuer.access_token(scope="x"))) == 200


async def test_a_handler_without_protection_does_not_answer(issuer: Issuer) -> None:
    app = web.Application()
    app.add_routes([web.get("/hello", hello), web.get("/x", requires()(hello))])
    async with running(app) as client:
        assert await status(client, "/hello", bearer(issuer.access_token())) == 500
        assert await status(client, "/x", bearer(issuer.access_token())) == 500


async def test_an_open_handler_knows_nobody_even_with_a_token(issuer: Issuer) -> None:
    app = web.Application()
    protect(app, issuer.trust())
    app.router.add_get("/", anyone(requires()(hello)))
    async with running(app) as client:
        assert await status(client, "/", bearer(issuer.access_token())) == 500


async def test_errors_of_the_handler_stay_the_handlers(issuer: Issuer) -> None:
    async def broken(request: web.Request) -> web.Response:
        raise InvalidToken("of somebody else's token, which the handler looked at itself")

    async def missing(request: web.Request) -> web.Response:
        raise web.HTTPNotFound

    app = web.Application()
    protect(app, issuer.trust())
    app.add_routes([web.get("/broken", broken), web.get("/missing", missing)])
    async with running(app) as client:
        assert await status(client, "/broken", bearer(issuer.access_token())) == 500
        assert await status(client, "/missing", bearer(issuer.access_token())) == 404


async def test_a_service_calls_in_its_own_name_only_where_services_are_let_in(issuer: Issuer) -> None:
    async def who(request: web.Request) -> web.Response:
        found = caller(request)
        return web.Response(text=found.client_id if isinstance(found, ServiceToken) else "a person")

    def app(services: bool) -> web.Application:
        app = web.Application()
        protect(app, issuer.trust("payments", services=services))
        app.add_routes([web.get("/who", requires(scope="pay")(who)), web.get("/hello", hello)])
        return app

    service = bearer(issuer.service_token("billing", scope="pay"))
    async with running(app(services=False)) as client:
        assert await status(client, "/who", service) == 401
    async with running(app(services=True)) as client:
        async with client.get("/who", headers=service) as answer:
            assert await answer.text() == "billing"
        async with client.get("/hello", headers=service) as answer:
            assert (answer.status, (await answer.json(content_type=None))["error"]) == (403, "caller_refused")
        half = issuer.service_token("billing", scope="pay", acr="aal2")
        assert await status(client, "/who", bearer(half)) == 401, "neither a person's token nor a service's"
        assert await status(client, "/who", bearer(issuer.service_token(sub="ada"))) == 401
        asserted = issuer.assertion(
            "payments", "billing", sid=None, acr=None, amr=None, auth_time=None, client_id="billing", scope="pay"
        )
        assert await status(client, "/who", {"Countersign-Assertion": asserted}) == 200
        person = through_the_gateway(issuer, "payments")
        assert await status(client, "/hello", person) == 200


async def test_keys_are_fetched_over_the_network_with_the_first_token(issuer: Issuer) -> None:
    async with served(issuer) as address:
        app = web.Application()
        protect(app, Trust(issuer.url + "/", name="payments", address=address))
        app.router.add_get("/hello", hello)
        async with running(app) as client:
            assert await status(client, "/hello", bearer(issuer.access_token())) == 200
            assert await status(client, "/hello", through_the_gateway(issuer, "payments")) == 200
            assert await status(client, "/hello", bearer(Issuer().access_token())) == 401


async def test_while_no_key_can_be_had_it_is_503_and_not_401(issuer: Issuer, free_port: Callable[[], int]) -> None:
    app = web.Application()
    protect(app, Trust(issuer.url, address=f"http://127.0.0.1:{free_port()}"))
    app.router.add_get("/hello", hello)
    async with running(app) as client, client.get("/hello", headers=bearer(issuer.access_token())) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert (await answer.json(content_type=None))["error"] == "unavailable"


async def test_a_service_with_credentials_follows_the_feed_for_as_long_as_it_lives(issuer: Issuer) -> None:
    told: list[str] = []

    async def feed(request: web.Request) -> web.StreamResponse:
        told.append(request.headers["Authorization"])
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(
            b'id: 1-0\nevent: ended\ndata: {"sid":"s1","at":1}\n\nid: 1-0\nevent: caught_up\ndata: {}\n\n'
        )
        await asyncio.sleep(30)
        return response

    countersign = key_app(issuer)
    countersign.router.add_get("/v1/sessions/ended", feed)
    async with TestServer(countersign, shutdown_timeout=0.01) as server:
        app = web.Application()
        address = str(server.make_url("/"))
        protect(app, Trust(issuer.url, address=address, client=ClientSecret("payments", "secret")))
        app.router.add_get("/hello", hello)
        async with running(app) as client:
            async with asyncio.timeout(5):
                while getattr(app[GUARD].access.revocations, "is_stale", True):
                    await asyncio.sleep(0.01)
            assert await status(client, "/hello", bearer(issuer.access_token(sid="s2"))) == 200
            assert await status(client, "/hello", bearer(issuer.access_token(sid="s1"))) == 401
    assert len(told) >= 1


@pytest.mark.parametrize("wrong", [{"name": 'a"b'}, {"name": "a b"}, {"name": ""}, {"stale_after": 1}])
def test_a_trust_that_cannot_be_is_a_mistake_at_once(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"name|client"):
        Trust("https://id.example.com", **wrong)


async def test_a_session_of_ones_own_will_do(issuer: Issuer) -> None:
    async with served(issuer) as address, ClientSession() as http:
        guard = Trust(issuer.url, address=address).guard(http)
        found = await guard.require(bearer(issuer.access_token("ada")).items(), Requirements.of("aal2"))
        assert not isinstance(found, ServiceToken)
        assert found.subject == "ada"


def _typed(_: Callable[[web.Request], Awaitable[web.Response]]) -> None:
    """The decorators keep a handler's type: checked by mypy, run by nobody."""


_typed(requires(acr="aal2")(hello))
_typed(anyone(requires()(hello)))
