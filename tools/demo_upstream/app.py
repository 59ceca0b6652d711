"""The handlers, chosen by the last segment of the path so that they work behind any prefix."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import WSMsgType, web

from tools.demo_upstream.received import Received, chunks, headers_of, receive

HERE = Path(__file__).parent
STYLE = "demo.css"
MOST_LINES = 1000
LONGEST_PAUSE = 10.0
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def create_app() -> web.Application:
    """The service."""
    app = web.Application()
    loader = jinja2.FileSystemLoader(HERE / "templates")
    environment = aiohttp_jinja2.setup(app, loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["moment"] = moment
    app.router.add_route("*", "/{path:.*}", answer)
    return app


async def answer(request: web.Request) -> web.StreamResponse:
    """Goes by the last segment; all that is nothing special is shown."""
    handler = SPECIAL.get(last_segment(request), show)
    return await handler(request)


def last_segment(request: web.Request) -> str:
    """What follows the last slash."""
    return request.path.rpartition("/")[2]


async def show(request: web.Request) -> web.StreamResponse:
    """A page for browsers, JSON for the rest."""
    received = await receive(request)
    if "text/html" not in request.headers.get("Accept", ""):
        return web.json_response(received.as_json(), headers=HEADERS)
    context = {"received": received, "style": style_address(request), "person": person_of(received)}
    response = aiohttp_jinja2.render_template("received.html", request, context)
    response.headers.update(HEADERS)
    return response


def style_address(request: web.Request) -> str:
    """Relative, and below the path we are asked at: it comes back to us through any gateway."""
    last = last_segment(request)
    return f"{last}/{STYLE}" if last else STYLE


def person_of(received: Received) -> str:
    """Who it is, in the shortest words."""
    claims = received.assertion.claims if received.assertion else {}
    return str(claims.get("email") or claims.get("sub") or "")


def moment(seconds: object) -> str:
    """A claim in unix seconds as a time to read."""
    if isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 2**33:
        return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S UTC")
    return ""


async def style(_: web.Request) -> web.StreamResponse:
    """The page's one style sheet."""
    return web.Response(text=(HERE / STYLE).read_text(), content_type="text/css", headers=HEADERS)


async def echo(request: web.Request) -> web.StreamResponse:
    """First the headers that arrived, then every message back."""
    if not web.WebSocketResponse().can_prepare(request).ok:
        return await show(request)
    socket = web.WebSocketResponse(heartbeat=30)
    await socket.prepare(request)
    await socket.send_json({"headers": [list(pair) for pair in headers_of(request)]})
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


async def stream(request: web.Request) -> web.StreamResponse:
    """``?lines=10&pause=0.5``: one line at a time."""
    lines = int(bounded(request, "lines", 10, MOST_LINES))
    pause = bounded(request, "pause", 0.5, LONGEST_PAUSE)
    response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/plain; charset=utf-8"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    for number in range(1, lines + 1):
        await response.write(f"line {number} of {lines}\n".encode())
        await asyncio.sleep(pause)
    return response


def bounded(request: web.Request, name: str, usual: float, most: float) -> float:
    """A number of the query, from 0 to ``most``; the usual one for anything else."""
    try:
        wanted = float(request.query.get(name, usual))
    except ValueError:
        return usual
    return wanted if 0 <= wanted <= most else usual


async def upload(request: web.Request) -> web.StreamResponse:
    """Counts and hashes what streams in, and keeps none of it."""
    length, digest = 0, hashlib.sha256()
    async for chunk in chunks(request):
        length += len(chunk)
        digest.update(chunk)
    return web.json_response({"bytes": length, "sha256": digest.hexdigest()}, headers=HEADERS)


SPECIAL: Mapping[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
    "ws": echo,
    "stream": stream,
    "upload": upload,
    STYLE: style,
}
