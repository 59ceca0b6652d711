"""What nothing can be cheaper than here: the same libraries with no work at all. `python -m bench.floors KIND PORT`."""

import argparse
import asyncio
import gc
from collections.abc import AsyncIterator

import uvloop
from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web

UPSTREAM: web.AppKey[str] = web.AppKey("UPSTREAM", str)
HTTP = web.AppKey("HTTP", ClientSession)


async def hello(_request: web.Request) -> web.Response:
    """A small JSON answer."""
    return web.json_response({"hello": "world"})


async def nothing(_request: web.Request) -> web.Response:
    """An empty answer."""
    return web.Response(status=204)


async def waiting(request: web.Request) -> web.StreamResponse:
    """A stream that says something once and goes on for as long as its client is there."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b"event: status\r\ndata: pending\r\n\r\n")
    await asyncio.Event().wait()
    return response


async def passing(request: web.Request) -> web.Response:
    """What the documentation of ClientSession would have one write: the request sent on, its answer sent back."""
    headers = request.headers.copy()
    headers.popall("Host", None)
    url = request.app[UPSTREAM] + request.raw_path
    async with request.app[HTTP].request(request.method, url, headers=headers, allow_redirects=False) as answer:
        body = await answer.read()
        return web.Response(status=answer.status, body=body, content_type=answer.content_type)


async def _client(app: web.Application) -> AsyncIterator[None]:
    async with ClientSession(connector=TCPConnector(limit=0), cookie_jar=DummyCookieJar()) as http:
        app[HTTP] = http
        yield


def build(kind: str, upstream: str) -> web.Application:
    """One application per kind of floor; each answers every path."""
    app = web.Application()
    app[UPSTREAM] = upstream
    handler = {"hello": hello, "nothing": nothing, "proxy": passing, "wait": waiting}[kind]
    # The cheapest route there is, for those who ask for it; every other path is answered alike.
    app.router.add_get("/floor", handler)
    app.router.add_route("*", "/{path:.*}", handler)
    if kind == "proxy":
        app.cleanup_ctx.append(_client)
    return app


async def _settle(_app: web.Application) -> None:
    # As the product does: the floor is as good as it can be.
    gc.collect()
    gc.freeze()


def main() -> None:
    """Serves one kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["hello", "nothing", "proxy", "wait"])
    parser.add_argument("port", type=int)
    parser.add_argument("--upstream", default="")
    given = parser.parse_args()
    uvloop.install()
    app = build(given.kind, given.upstream)
    app.on_startup.append(_settle)
    web.run_app(
        app,
        host="127.0.0.1",
        port=given.port,
        access_log=None,
        print=None,
        keepalive_timeout=75,
        handler_cancellation=given.kind == "wait",
    )


if __name__ == "__main__":
    main()
