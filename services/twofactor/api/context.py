"""From where a request comes, in the words that the phone will show."""

from aiohttp import web

from services.twofactor.model.context import Context, address_of, browser_name


def read_context(request: web.Request) -> Context:
    """The browser that asks. The gateway alone reaches this service, and it sends one address: the client's."""
    given = request.headers.getall("X-Forwarded-For", [request.remote or ""])
    return Context(browser_name(request.headers.get("User-Agent", "")), address_of(",".join(given)))


def place_of(request: web.Request) -> tuple[str, str]:
    """The same for the record."""
    here = read_context(request)
    return here.address, here.browser
