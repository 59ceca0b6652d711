"""That the checks see what they are there for: the same engine and settings, on a service that does each thing wrong."""

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.integration.schemathesis.test_described_apis import CONFIG, faults_of

NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
PROBLEM = {"description": "no", "content": {"application/json": {"schema": {"type": "object"}}}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "broken", "version": "1"},
    "components": {"securitySchemes": {"access": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/secret": {
            "get": {
                "security": [{"access": []}],
                "responses": {"200": {"description": "ok"}, "401": PROBLEM, "405": PROBLEM},
            }
        },
        "/number": {
            "post": {
                "requestBody": {"required": True, "content": {"application/json": {"schema": NUMBER}}},
                "responses": {"200": {"description": "ok"}, "400": PROBLEM, "405": PROBLEM},
            }
        },
    },
}

THING = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
OF_A_THING = {"id": "$response.body#/id"}
THINGS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "things", "version": "1"},
    "paths": {
        "/things": {
            "post": {
                "responses": {
                    "201": {
                        "description": "made",
                        "content": {"application/json": {"schema": THING}},
                        "links": {name: {"operationId": name, "parameters": OF_A_THING} for name in ("read", "end")},
                    }
                },
            }
        },
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"operationId": "read", "responses": {"200": {"description": "ok"}, "404": PROBLEM}},
            "delete": {"operationId": "end", "responses": {"204": {"description": "gone"}, "404": PROBLEM}},
        },
    },
}


class Known:
    """schemathesis's `AuthProvider`: a token that would be believed."""

    def get(self, _case: schemathesis.Case, _context: schemathesis.AuthContext) -> str:
        return "Bearer good"

    def set(self, case: schemathesis.Case, data: str, _context: schemathesis.AuthContext) -> None:
        if case.operation.path == "/secret":
            case.headers = {**(case.headers or {}), "Authorization": data}


def faults(app: FastAPI, config: dict[str, Any] = CONFIG) -> set[str]:
    """The names of the checks that failed, with the operation."""
    api = schemathesis.openapi.from_asgi("/openapi.json", app, config=SchemathesisConfig.from_dict(config))
    api.auth(refresh_interval=None)(Known)
    found = set()
    for event in engine.from_schema(api).execute():
        if isinstance(event, events.ScenarioFinished):
            found |= {fault.partition(":")[0] for fault in faults_of(event.recorder)}
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found


def service(*, asks: bool, looks: bool) -> FastAPI:
    """`asks` for the token, `looks` at the number."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/openapi.json")
    async def document() -> Any:
        return DOCUMENT

    @app.get("/secret")
    async def secret(request: Request) -> Any:
        if asks and request.headers.get("Authorization") != "Bearer good":
            return JSONResponse({}, 401, headers={"WWW-Authenticate": "Bearer"})
        return JSONResponse({})

    @app.post("/number")
    async def number(request: Request) -> Any:
        try:
            body = await request.json()
            is_right = (
                isinstance(body, dict)
                and body.keys() == {"n"}
                and type(body["n"]) in {int, float}
                and body["n"] == int(body["n"])
            )
        except ValueError:
            is_right = False
        return JSONResponse({}, 200 if is_right or not looks else 400)

    return app


@pytest.mark.parametrize(
    ("asks", "looks", "seen"),
    [
        (True, True, set()),
        (False, True, {"GET /secret ignored_auth"}),
        (True, False, {"POST /number negative_data_rejection"}),
    ],
)
def test_a_service_is_seen_to_do_it_wrong(asks: bool, looks: bool, seen: set[str]) -> None:
    assert faults(service(asks=asks, looks=looks)) == seen


def keeper(*, forgets: bool) -> FastAPI:
    """Makes things, and ends them; whoever `forgets` does not show them any more."""
    app, there, made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), set[str](), set[str]()

    @app.get("/openapi.json")
    async def document() -> Any:
        return THINGS

    @app.post("/things")
    async def make() -> Any:
        name = str(len(made))
        made.add(name)
        there.add(name)
        return JSONResponse({"id": name}, 201)

    @app.get("/things/{name}")
    async def read(name: str) -> Any:
        return JSONResponse({}, 200 if name in (there if forgets else made) else 404)

    @app.delete("/things/{name}")
    async def end(name: str) -> Any:
        if name not in there:
            return JSONResponse({}, 404)
        there.discard(name)
        return Response(status_code=204)

    return app


@pytest.mark.parametrize(("forgets", "seen"), [(True, set()), (False, {"GET /things/{id} use_after_free"})])
def test_what_is_read_after_its_end_is_seen(forgets: bool, seen: set[str]) -> None:
    """Deletion and reading are two requests: the phase in which schemathesis follows links."""
    off = {"enabled": False}
    phases = {"examples": off, "coverage": off, "fuzzing": off, "stateful": {"enabled": True}}
    assert faults(keeper(forgets=forgets), {**CONFIG, "phases": phases}) == seen
