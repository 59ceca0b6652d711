"""How often a request really went out: aiohttp repeats some by itself, when a connection turns out to be broken."""

from aiohttp import ClientHandlerType, ClientMiddlewareType, ClientRequest, ClientResponse, ClientSession


class Sends:
    """A client middleware that counts."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Passes the request on."""
        self.count += 1
        return await handler(request)

    def with_those_of(self, http: ClientSession) -> tuple[ClientMiddlewareType, ...]:
        """What to hand to one request: its middlewares take the place of the session's own."""
        own: tuple[ClientMiddlewareType, ...] = getattr(http, "_middlewares", ())
        return (*own, self)
