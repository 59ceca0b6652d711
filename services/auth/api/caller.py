"""Who calls, as the gateway says it. This service stands on a network that only the gateway reaches."""

from ipaddress import ip_address

from aiohttp import web

from services.auth.model.caller import Caller

LONGEST = 256


def caller_of(request: web.Request) -> Caller:
    """The client's address and browser; an address that is none becomes that of who connected."""
    given = request.headers.get("X-Forwarded-For", "").partition("%")[0].strip()
    return Caller(_address(given) or _address(request.remote or "") or "0.0.0.0", _browser(request))  # noqa: S104 no bind


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        return ""


def _browser(request: web.Request) -> str:
    # A header may hold bytes that are no text, which no store would take.
    given = request.headers.get("User-Agent", "")[:LONGEST]
    return "".join(sign if sign.isprintable() else "?" for sign in given)
