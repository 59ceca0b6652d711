"""Who calls, as the gateway says it. This service stands on a network that only the gateway reaches."""

from aiohttp import web

from services.auth.model.caller import NOWHERE, Caller, caller
from services.auth.model.device import device

# What a client was given as `device_token` when it signed in here before.
DEVICE = "Countersign-Device"
# Read once a request: the record asks for it, the flow, and who counts refusals.
CALLER: web.RequestKey[Caller] = web.RequestKey("CALLER", Caller)


def caller_of(request: web.Request) -> Caller:
    """The client's address, browser and device; an address that is none becomes that of who connected."""
    known = request.get(CALLER)
    if known is None:
        addresses = (request.headers.get("X-Forwarded-For", ""), request.remote or "")
        known = caller(addresses, request.headers.get("User-Agent", ""), request.headers.get(DEVICE, ""))
        request[CALLER] = known
    return known


def forwarded_network(request: web.Request) -> str:
    """The network of the client that the gateway speaks for, "" where it speaks for itself."""
    addresses = (request.headers.get("X-Forwarded-For", ""),)
    forwarded = caller(addresses, "")
    return "" if forwarded.address == NOWHERE else forwarded.network


def place_of(request: web.Request) -> tuple[str, str]:
    """The same for the record: the address, and the browser in words of ours."""
    here = caller_of(request)
    return here.address, device(here.browser)
