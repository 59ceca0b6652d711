"""An aiohttp service behind Countersign.

COUNTERSIGN_URL=http://127.0.0.1:8080 python -m examples.aiohttp_service
curl -H "Authorization: Bearer $ACCESS_TOKEN" http://127.0.0.1:8100/hello
"""

import os

from aiohttp import web

from countersign import Trust
from countersign.aiohttp import anyone, identity, protect, requires
from countersign.trust import Trusts


async def hello(request: web.Request) -> web.Response:
    """Whoever is signed in."""
    return web.json_response({"hello": identity(request).subject})


@requires(acr="aal2", max_age=300)
async def transfer(request: web.Request) -> web.Response:
    """Only who has confirmed with a second factor in the last five minutes."""
    return web.json_response({"transferred_by": identity(request).subject})


@requires(scope="reports:read")
async def reports(_: web.Request) -> web.Response:
    """Only who may read reports."""
    return web.json_response({"reports": []})


@anyone
async def livez(_: web.Request) -> web.Response:
    """For whoever looks after the process."""
    return web.Response(text="ok")


def make_app(trust: Trusts) -> web.Application:
    """The service; a test hands in the trust of `countersign.testing.Issuer`."""
    app = web.Application()
    protect(app, trust)
    app.add_routes([web.get("/hello", hello), web.post("/transfers", transfer), web.get("/reports", reports)])
    app.router.add_get("/livez", livez)
    return app


if __name__ == "__main__":
    url = os.environ.get("COUNTERSIGN_URL", "http://127.0.0.1:8080")
    web.run_app(make_app(Trust(url, name="demo")), host="127.0.0.1", port=int(os.environ.get("PORT", "8100")))
