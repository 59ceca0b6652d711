"""The issuer's keys over HTTP, for tests of a service that fetches them itself."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from countersign.testing.issuer import Issuer


def key_app(issuer: Issuer) -> web.Application:
    """An aiohttp application that publishes the three key sets where Countersign does, and nothing else."""
    sets = {
        "/.well-known/jwks.json": issuer.auth,
        "/.well-known/approvals/jwks.json": issuer.approvals,
        "/.well-known/gateway/jwks.json": issuer.gateway,
    }

    async def serve(request: web.Request) -> web.Response:
        document: dict[str, Any] = sets[request.path].jwks()
        return web.json_response(document)

    app = web.Application()
    app.add_routes([web.get(path, serve) for path in sets])
    return app


@asynccontextmanager
async def served(issuer: Issuer) -> AsyncGenerator[str]:
    """Listens on a free port of this machine; answers the address: `Trust(issuer.url, address=address)`."""
    async with TestServer(key_app(issuer)) as server:
        yield str(server.make_url("/")).rstrip("/")
