"""From where a request comes, in the words that the phone will show."""

from ipaddress import ip_address

from aiohttp import web

from services.twofactor.model.context import Context, browser_name


def read_context(request: web.Request) -> Context:
    """The browser that asks. The gateway alone reaches this service, and it sends one address: the client's."""
    return Context(browser_name(request.headers.get("User-Agent", "")), _address(request))


def _address(request: web.Request) -> str:
    given = request.headers.getall("X-Forwarded-For", [request.remote or ""])
    try:
        return str(ip_address(given[0].strip())) if len(given) == 1 else ""
    except ValueError:
        # Not an address: nothing of it gets onto a phone.
        return ""
