"""The ASGI middleware under Starlette, FastAPI and bare ASGI."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from countersign import Identity, Requirements, ServiceToken
from countersign.asgi import CountersignMiddleware, caller, identity, needs, require, requires
from countersign.client import ApiError
from countersign.guard import Guard
from countersign.requirements import Caller
from countersign.testing import Issuer, bearer


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


async def hello(request: Request) -> Response:
    return PlainTextResponse((await identity()).subject)


@requires(scope="write", max_age=60)
async def write(request: Request) -> Response:
    return PlainTextResponse("written")


@requires(scope="write")
def write_in_a_thread(request: Request) -> Response:
    return PlainTextResponse("written by a thread")


async def stream(request: Request) -> Response:
    async def pieces() -> AsyncIterator[str]:
        yield "begun"
        require(Requirements.of(scope="write"))

    return StreamingResponse(pieces())


async def socket(websocket: WebSocket) -> None:
    if "strict" in websocket.query_params:
        require(Requirements.of(max_age=10))
    await websocket.accept()
    await websocket.send_text((await identity()).subject)
    await websocket.close()


def starlette(issuer: Issuer, *more: Middleware) -> Starlette:
    routes = [
        Route("/hello", hello), Route("/write", write, methods=["GET", "POST"]), Route("/thread", write_in_a_thread),
        Route("/stream", stream), WebSocketRoute("/ws", socket), Mount("/mounted", routes=[Route("/hello", hello)]),
        Route("/livez", lambda request: PlainTextResponse("ok")),
    ]  # fmt: skip
    guarded = Middleware(CountersignMiddleware, trust=issuer.trust("payments"), anyone={"/livez"})
    return Starlette(routes=routes, middleware=[guarded, *more])


@asynccontextmanager
async def asking(app: Any) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://service") as client:
        yield client


class Passing(BaseHTTPMiddleware):
    """What many services have: it runs the rest in a task of its own."""

    async def dispatch(self, request: Request, call_next: Any) -> Response:
        return await call_next(request)  # type: ignore[no-any-return]


@pytest.mark.parametrize("more", [[], [Middleware(Passing)]], ids=["alone", "under a middleware of Starlette"])
async def test_starlette_endpoints_in_every_form(issuer: Issuer, more: list[Middleware]) -> None:
    async with asking(starlette(issuer, *more)) as client:
        writer, reader = bearer(issuer.access_token(scope="write")), bearer(issuer.access_token("ada"))
        assert (await client.get("/hello", headers=reader)).text == "ada"
        assert (await client.get("/mounted/hello", headers=reader)).text == "ada"
        assert (await client.get("/mounted/hello")).status_code == 401
        assert (await client.get("/livez")).text == "ok"
        assert (await client.get("/mounted/livez")).status_code == 401
        for path in ("/write", "/thread"):
            assert (await client.get(path, headers=writer)).status_code == 200
            assert (await client.get(path, headers=reader)).status_code == 403
        old = bearer(issuer.access_token(scope="write", confirmed_ago=61))
        refused = await client.post("/write", headers=old)
        assert (refused.status_code, refused.json()["error"]) == (401, "insufficient_user_authentication")
        assert 'max_age="60"' in refused.headers["www-authenticate"]
        assert len(refused.content) == int(refused.headers["content-length"])


async def test_a_refusal_after_the_answer_has_begun_breaks_it_off(issuer: Issuer) -> None:
    async with asking(starlette(issuer)) as client:
        with pytest.raises(BaseException, match=r"Requirements|unhandled"):
            await client.get("/stream", headers=bearer(issuer.access_token()))


async def test_two_requests_at_once_are_not_taken_for_each_other(issuer: Issuer) -> None:
    import asyncio

    async with asking(starlette(issuer)) as client:
        names = [f"person-{number}" for number in range(20)]
        answers = await asyncio.gather(
            *(client.get("/hello", headers=bearer(issuer.access_token(name))) for name in names)
        )
        assert [answer.text for answer in answers] == names


def test_a_socket_is_opened_with_a_token_and_refused_without(issuer: Issuer) -> None:
    with TestClient(starlette(issuer)) as client:
        with client.websocket_connect("/ws", headers=bearer(issuer.access_token("ada"))) as session:
            assert session.receive_text() == "ada"
        for path, headers, status in (
            ("/ws", {}, 401),
            ("/ws", bearer(issuer.access_token(life=-1)), 401),
            ("/ws?strict", bearer(issuer.access_token(confirmed_ago=60)), 401),
        ):
            with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect(path, headers=headers):
                pass
            assert refused.value.status_code == status


async def test_a_server_that_cannot_deny_closes_the_socket(issuer: Issuer) -> None:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("a stranger came in")

    async def receive() -> Any:
        raise AssertionError("there is nothing to wait for")

    async def send(message: Any) -> None:
        sent.append(message)

    middleware = CountersignMiddleware(app, trust=issuer.trust())
    await middleware({"type": "websocket", "path": "/ws", "headers": []}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]
    with pytest.raises(NotImplementedError):
        await middleware({"type": "another"}, receive, send)
    with pytest.raises(WebSocketDisconnect):
        raise WebSocketDisconnect(1008)


def test_the_guard_is_opened_with_the_service_and_closed_with_it(issuer: Issuer) -> None:
    life: list[str] = []

    class Watched:
        @asynccontextmanager
        async def open(self) -> AsyncIterator[Guard]:
            life.append("opened")
            yield issuer.guard()
            life.append("closed")

    app = Starlette(routes=[Route("/hello", hello)])
    app.add_middleware(CountersignMiddleware, trust=Watched())
    with TestClient(app) as client:
        assert life == ["opened"]
        for _ in range(3):
            assert client.get("/hello", headers=bearer(issuer.access_token("ada"))).text == "ada"
    assert life == ["opened", "closed"]


def fastapi(issuer: Issuer) -> FastAPI:
    app = FastAPI()
    app.add_middleware(CountersignMiddleware, trust=issuer.trust("payments", services=True))

    @app.get("/who/{name}")
    @requires(scope="read")
    async def who(name: str, found: Annotated[Caller, Depends(caller)], page: int = 1) -> dict[str, Any]:
        kind = "service" if isinstance(found, ServiceToken) else "person"
        return {"kind": kind, "name": name, "page": page}

    @app.get("/fresh")
    def fresh(person: Annotated[Identity, Depends(needs(scope="read", max_age=60))]) -> str:
        return person.subject

    @app.get("/broken")
    async def broken() -> None:
        raise ApiError(503, "unavailable")

    return app


async def test_fastapi_keeps_the_signature_of_what_is_decorated(issuer: Issuer) -> None:
    async with asking(fastapi(issuer)) as client:
        token = bearer(issuer.access_token(scope="read"))
        answer = await client.get("/who/eve?page=2", headers=token)
        assert answer.json() == {"kind": "person", "name": "eve", "page": 2}
        assert (await client.get("/who/eve?page=x", headers=token)).status_code == 422
        described = (await client.get("/openapi.json", headers=token)).json()["paths"]["/who/{name}"]["get"]
        assert [parameter["name"] for parameter in described["parameters"]] == ["name", "page"]


async def test_a_service_is_told_apart_from_a_person(issuer: Issuer) -> None:
    async with asking(fastapi(issuer)) as client:
        service = bearer(issuer.service_token("reports", scope="read"))
        assert (await client.get("/who/eve", headers=service)).json()["kind"] == "service"
        refused = await client.get("/fresh", headers=service)
        assert (refused.status_code, refused.json()["error"]) == (403, "caller_refused")
        assert (await client.get("/fresh", headers=bearer(issuer.access_token(scope="read")))).json() == "ada"


async def test_an_error_of_the_api_is_not_taken_for_a_refusal(issuer: Issuer) -> None:
    async with asking(fastapi(issuer)) as client:
        with pytest.raises(ApiError):
            await client.get("/broken", headers=bearer(issuer.access_token()))


async def test_outside_of_a_request_nobody_calls() -> None:
    with pytest.raises(RuntimeError, match="middleware"):
        await identity()
