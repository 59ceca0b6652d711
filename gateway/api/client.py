"""Who is at the other end of a request."""

import re

from aiohttp import web

from chassis.request import REQUEST_ID
from gateway.api.keys import TRUSTED_PROXIES
from gateway.model.address import client_address
from gateway.model.client import ClientContext
from gateway.model.headers import own_cookie
from gateway.model.visit import DEVICE_COOKIE

MAX_USER_AGENT = 256
DEVICE = "Countersign-Device"
_DEVICE = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")


def client_context(request: web.Request) -> ClientContext:
    """The client as the services and the person are told about it."""
    return ClientContext(
        address=address_of(request),
        user_agent=_plain(request.headers.get("User-Agent", ""))[:MAX_USER_AGENT],
        request_id=request.get(REQUEST_ID, ""),
        device=_device(request),
    )


def peer_of(request: web.BaseRequest) -> str:
    """The address at the other end of the connection; "" if that is a socket in a file, or gone."""
    peername = request.transport.get_extra_info("peername") if request.transport else None
    return str(peername[0]) if isinstance(peername, tuple) else ""


def address_of(request: web.Request) -> str:
    """The client's IP, proxies of ours looked through."""
    return client_address(
        peer_of(request), tuple(request.headers.getall("X-Forwarded-For", ())), request.app[TRUSTED_PROXIES]
    )


def _device(request: web.Request) -> str:
    """What a program was given as `device_token`, or a browser as its cookie."""
    given = request.headers.get(DEVICE) or own_cookie(request.headers.getall("Cookie", ()), DEVICE_COOKIE) or ""
    return given if _DEVICE.match(given) else ""


def _plain(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    # Header bytes that are not text would break whoever writes them on.
    return "".join(character for character in text if " " <= character <= "~")
