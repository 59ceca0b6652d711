"""Who is at the other end of a request."""

from aiohttp import web

from chassis.request import REQUEST_ID
from gateway.api.keys import TRUSTED_PROXIES
from gateway.model.address import client_address
from gateway.model.client import ClientContext

MAX_USER_AGENT = 256


def client_context(request: web.Request) -> ClientContext:
    """The client as the services and the person are told about it."""
    return ClientContext(
        address=address_of(request),
        user_agent=_plain(request.headers.get("User-Agent", ""))[:MAX_USER_AGENT],
        request_id=request.get(REQUEST_ID, ""),
    )


def address_of(request: web.Request) -> str:
    """The client's IP, proxies of ours looked through."""
    peername = request.transport.get_extra_info("peername") if request.transport else None
    peer = str(peername[0]) if isinstance(peername, tuple) else ""
    return client_address(peer, tuple(request.headers.getall("X-Forwarded-For", ())), request.app[TRUSTED_PROXIES])


def _plain(text: str) -> str:
    # Header bytes that are not text would break whoever writes them on.
    return "".join(character for character in text if " " <= character <= "~")
