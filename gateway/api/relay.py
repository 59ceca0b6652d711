"""Requests that belong to a peer: body, query and meaning pass as they are."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from chassis.bodies import require_unpacked
from gateway.api.client import client_context
from gateway.api.credentials import bearer
from gateway.api.keys import AUTHORIZE
from gateway.api.passing import passed
from gateway.model.answer import PeerAnswer
from gateway.model.errors import InvalidInput, NotSignedIn, TokenRefused
from gateway.ports import Peer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ABOUT_THE_BODY = ("Content-Type",)


def relay(key: web.AppKey[Peer], path: str | None = None, names: tuple[str, ...] = ("Authorization",)) -> Handler:
    """A handler that asks the peer the same; `names` are the headers that pass besides Content-Type."""

    async def handler(request: web.Request) -> web.StreamResponse:
        return passed(await relayed(request, request.app[key], path or request.rel_url.raw_path, names))

    return handler


def relay_while_open(key: web.AppKey[Peer]) -> Handler:
    """`relay`, but not for a session that has ended.

    twofactor hears of ends as we do. While neither hears, only we have somebody to ask: otherwise whoever stole a token
    could make recovery codes of their own for minutes after its owner ended the session.
    """
    relay_on = relay(key)

    async def handler(request: web.Request) -> web.StreamResponse:
        token = _token(request)
        if token is not None:
            await request.app[AUTHORIZE].require_not_ended(token)
        return await relay_on(request)

    return handler


def _token(request: web.Request) -> str | None:
    """None where there is none, or nothing that could be one: that is the peer's to refuse."""
    try:
        return bearer(request)
    except (NotSignedIn, TokenRefused):
        return None


async def relayed(request: web.Request, peer: Peer, path: str, names: tuple[str, ...]) -> PeerAnswer:
    """The peer's answer; raises `PeerUnavailable`, `UnsupportedBody`, and 413 for too large a body."""
    require_unpacked(request)
    query = request.rel_url.raw_query_string
    return await peer.ask(
        request.method,
        f"{path}?{query}" if query else path,
        client=client_context(request),
        body=await request.read() if request.body_exists else None,
        headers=plain_headers(request, (*ABOUT_THE_BODY, *names)),
    )


def plain_headers(request: web.Request, names: tuple[str, ...]) -> Mapping[str, str]:
    """These headers of the request; raises `InvalidInput` for one that is sent twice or is no plain text."""
    found: dict[str, str] = {}
    for name in names:
        values = request.headers.getall(name, ())
        # Of two, or of bytes that are not text, the peer might read something else than we: not passed on.
        if len(values) > 1 or not all(value.isascii() and value.isprintable() for value in values):
            raise InvalidInput({name: "is sent twice, or is not plain ASCII"})
        if values:
            found[name] = values[0]
    return found
