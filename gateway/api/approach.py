"""How a request comes, as the decision sees it."""

from aiohttp import web

from countersign import MissingToken
from countersign.bearer import bearer_token
from gateway.api.credentials import require_token
from gateway.api.keys import ORIGIN
from gateway.model.decision import Approach
from gateway.model.errors import AccessTokenRefused, TokenRefused
from gateway.model.headers import own_cookie
from gateway.model.visit import COOKIE_NAME


def approach_of(request: web.Request) -> Approach:
    """Raises `AccessTokenRefused` for an Authorization header of ours that is garbled or doubled."""
    path, _, query = request.raw_path.partition("?")
    return Approach(
        method=request.method,
        path=path,
        query=query,
        bearer=_bearer(request),
        cookie=own_cookie(request.headers.getall("Cookie", ()), COOKIE_NAME),
        is_own=_is_own(request),
        is_navigation=_is_navigation(request),
        is_socket=is_socket(request),
    )


def is_socket(request: web.Request) -> bool:
    """Whether this opens a WebSocket (RFC 6455 section 4.2.1)."""
    return request.headers.get("Upgrade", "").lower() == "websocket" and request.method == "GET"


def _bearer(request: web.Request) -> str | None:
    if "Authorization" not in request.headers:
        return None
    try:
        return require_token(bearer_token(request.headers))
    except TokenRefused:
        raise AccessTokenRefused from None
    except MissingToken:
        if any(value[:7].lower() == "bearer " for value in request.headers.getall("Authorization")):
            raise AccessTokenRefused from None
        # Another scheme is the business of no one here: it ends at the gateway.
        return None


def _is_own(request: web.Request) -> bool:
    """Sec-Fetch-Site is the browser's own word, and no script can set it; Origin is what older browsers send."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and not is_socket(request):
        return site == "same-origin"
    return request.headers.get("Origin") == request.app[ORIGIN]


def _is_navigation(request: web.Request) -> bool:
    if request.method not in {"GET", "HEAD"} or is_socket(request):
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode is not None else "text/html" in request.headers.get("Accept", "")
