"""Who calls, as the gateway says it. This service stands on a network that only the gateway reaches."""

from aiohttp import web

from services.auth.model.caller import Caller, caller


def caller_of(request: web.Request) -> Caller:
    """The client's address and browser; an address that is none becomes that of who connected."""
    addresses = (request.headers.get("X-Forwarded-For", ""), request.remote or "")
    return caller(addresses, request.headers.get("User-Agent", ""))
