"""A FastAPI service behind Countersign. The same middleware serves Starlette and any other ASGI framework.

COUNTERSIGN_URL=http://127.0.0.1:8080 uvicorn --factory examples.fastapi_service:create_app --port 8100
curl -H "Authorization: Bearer $ACCESS_TOKEN" http://127.0.0.1:8100/hello
"""

import os
from typing import Annotated

from fastapi import Depends, FastAPI

from countersign import Identity, Trust
from countersign.asgi import CountersignMiddleware, identity, needs, requires
from countersign.trust import Trusts

Person = Annotated[Identity, Depends(identity)]
JustConfirmed = Annotated[Identity, Depends(needs(acr="aal2", max_age=300))]


async def hello(person: Person) -> dict[str, str]:
    """Whoever is signed in."""
    return {"hello": person.subject}


async def transfer(person: JustConfirmed) -> dict[str, str]:
    """Only who has confirmed with a second factor in the last five minutes."""
    return {"transferred_by": person.subject}


@requires(scope="reports:read")
def reports() -> dict[str, list[str]]:
    """Only who may read reports."""
    return {"reports": []}


async def livez() -> str:
    """For whoever looks after the process."""
    return "ok"


def make_app(trust: Trusts) -> FastAPI:
    """The service; a test hands in the trust of `countersign.testing.Issuer`."""
    app = FastAPI()
    app.add_middleware(CountersignMiddleware, trust=trust, anyone={"/livez"})
    app.get("/hello")(hello)
    app.post("/transfers")(transfer)
    app.get("/reports")(reports)
    app.get("/livez")(livez)
    return app


def create_app() -> FastAPI:
    """For uvicorn, from the environment."""
    return make_app(Trust(os.environ.get("COUNTERSIGN_URL", "http://127.0.0.1:8080"), name="demo"))
