"""How a request comes, as the decision sees it."""

from typing import NamedTuple

from aiohttp import web
from multidict import CIMultiDictProxy

from countersign import MissingToken
from countersign.bearer import bearer_token
from gateway.api.credentials import require_token
from gateway.api.keys import ORIGIN
from gateway.model.decision import Approach
from gateway.model.errors import AccessTokenRefused, TokenRefused
from gateway.model.headers import own_cookie
from gateway.model.policy import plain_host
from gateway.model.visit import COOKIE_NAME

Headers = CIMultiDictProxy[str]


class Line(NamedTuple):
    """What was asked for: `target` is path and query as they were sent, `origin` scheme, host and port as asked."""

    method: str
    target: str
    host: str
    origin: str
    is_socket: bool


def approach_of(request: web.Request) -> Approach:
    """Raises `AccessTokenRefused` for an Authorization header of ours that is garbled or doubled."""
    line = Line(request.method, request.raw_path, request.host, request.app[ORIGIN], is_socket(request))
    return approach_by(line, request.headers)


def approach_by(line: Line, headers: Headers) -> Approach:
    """The same for a request that somebody else received: `headers` are its own."""
    path, _, query = line.target.partition("?")
    return Approach(
        method=line.method,
        path=path,
        query=query,
        bearer=_bearer(headers),
        cookie=own_cookie(headers.getall("Cookie", ()), COOKIE_NAME),
        is_own=_is_own(line, headers),
        is_navigation=_is_navigation(line, headers),
        is_socket=line.is_socket,
        host=plain_host(line.host),
    )


def is_socket(request: web.Request) -> bool:
    """Whether this opens a WebSocket (RFC 6455 section 4.2.1)."""
    return request.headers.get("Upgrade", "").lower() == "websocket" and request.method == "GET"


def _bearer(headers: Headers) -> str | None:
    if "Authorization" not in headers:
        return None
    try:
        return require_token(bearer_token(headers))
    except TokenRefused:
        raise AccessTokenRefused from None
    except MissingToken:
        if any(value[:7].lower() == "bearer " for value in headers.getall("Authorization")):
            raise AccessTokenRefused from None
        # Another scheme is the business of no one here: it ends at the gateway.
        return None


def _is_own(line: Line, headers: Headers) -> bool:
    """Sec-Fetch-Site is the browser's own word, and no script can set it; Origin is what older browsers send."""
    site = headers.get("Sec-Fetch-Site")
    if site is not None and not line.is_socket:
        return site == "same-origin"
    return headers.get("Origin") == line.origin


def _is_navigation(line: Line, headers: Headers) -> bool:
    if line.method not in {"GET", "HEAD"} or line.is_socket:
        return False
    mode = headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode is not None else "text/html" in headers.get("Accept", "")
