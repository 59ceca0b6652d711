"""What a proxy in front asks about: the request that it received, as each proxy says it."""

from functools import lru_cache

from aiohttp import web

from gateway.api.approach import Headers, Line
from gateway.api.client import peer_of
from gateway.model.address import Networks, is_within
from gateway.model.forwarding import AmbiguousRequest, NotForwarded
from gateway.model.headers import overrides_method

EXT_AUTHZ = "/authz/ext-authz"


def require_proxy(request: web.BaseRequest, proxies: Networks) -> None:
    """Raises `NotForwarded` for a stranger: to him nothing is here, and nobody's word about a request is believed."""
    if not is_within(peer_of(request), proxies):
        raise NotForwarded


def nginx_line(request: web.BaseRequest) -> Line:
    """`X-Original-*`, which deploy/forward-auth/nginx sets from its own variables."""
    headers = request.headers
    return _line(
        headers,
        _one(headers, "X-Original-Method"),
        _one(headers, "X-Original-URI", commas=True),
        _one(headers, "X-Original-Host"),
        _one(headers, "X-Original-Proto"),
    )


def forwarded_line(request: web.BaseRequest) -> Line:
    """`X-Forwarded-*`, as Traefik and Caddy say it."""
    headers = request.headers
    return _line(
        headers,
        _one(headers, "X-Forwarded-Method"),
        _one(headers, "X-Forwarded-Uri", commas=True),
        _one(headers, "X-Forwarded-Host"),
        _one(headers, "X-Forwarded-Proto"),
    )


def envoy_line(request: web.BaseRequest) -> Line:
    """The request itself, its path behind our prefix."""
    headers = request.headers
    target = request.raw_path.removeprefix(EXT_AUTHZ)
    return _line(headers, request.method, target, _one(headers, "Host"), _one(headers, "X-Forwarded-Proto"))


def _line(headers: Headers, method: str, target: str, host: str, scheme: str) -> Line:
    """Raises `AmbiguousRequest` for a request that carries another method along."""
    if _carries_a_method(tuple(headers)):
        raise AmbiguousRequest
    return Line(method, target, host, f"{scheme}://{host}", _is_socket(method, headers))


# A proxy sends the same names again and again, in the same order.
@lru_cache(maxsize=256)
def _carries_a_method(names: tuple[str, ...]) -> bool:
    return any(overrides_method(name) for name in names)


def _one(headers: Headers, name: str, *, commas: bool = False) -> str:
    """The one value; two of them, also if something joined them, would be the proxy's and a stranger's."""
    values = headers.getall(name, ())
    if len(values) != 1 or not values[0] or ("," in values[0] and not commas):
        raise AmbiguousRequest
    return values[0]


def _is_socket(method: str, headers: Headers) -> bool:
    # Upgrade goes from hop to hop and may not have come as far as here; the rest of a handshake has.
    if method not in {"GET", "CONNECT"}:
        return False
    handshake = "Sec-WebSocket-Key" in headers or headers.get("Sec-Fetch-Mode") == "websocket"
    return handshake or headers.get("Upgrade", "").lower() == "websocket"
