"""What stands on every answer that is the gateway's own; an upstream's answers are the upstream's."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from chassis.request import REQUEST_ID
from gateway.api.keys import PROXIED

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
HSTS = "max-age=31536000; includeSubDomains"


def own_headers(scheme: str) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """For `on_response_prepare`; `scheme` is the public one: HSTS is said only where HTTPS is spoken (RFC 6797)."""
    headers = HEADERS | ({"Strict-Transport-Security": HSTS} if scheme == "https" else {})

    async def prepare(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.pop("Server", None)
        response.headers.setdefault("X-Request-ID", request.get(REQUEST_ID, ""))
        if PROXIED not in request:
            for name, value in headers.items():
                response.headers.setdefault(name, value)

    return prepare
