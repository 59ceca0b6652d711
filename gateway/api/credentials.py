"""The tokens that requests carry."""

import string
from typing import Final

from aiohttp import web

from countersign import MissingToken
from countersign.bearer import bearer_token
from gateway.api.keys import ORIGIN
from gateway.model.errors import CrossSite, NotSignedIn, TokenRefused

# RFC 6750 section 2.1 `b64token`. Whatever else a client sends as a token never reaches a header of ours.
_IN_TOKENS = (string.ascii_letters + string.digits + "._~+/-").encode()
MOST_CHARACTERS = 4096
PROTOCOL: Final = "countersign.v1"
_BEARER_PROTOCOL = "bearer."


def bearer(request: web.Request) -> str:
    """The bearer token; raises `NotSignedIn` if there is none, `TokenRefused` if it cannot be one."""
    try:
        token = bearer_token(request.headers)
    except MissingToken:
        raise NotSignedIn from None
    return require_token(token)


def require_token(text: str) -> str:
    """The text if it can be a token; raises `TokenRefused`."""
    if not _is_token(text):
        raise TokenRefused
    return text


def _is_token(text: str) -> bool:
    # As `[A-Za-z0-9._~+/-]+=*` says, in a third of the time: tokens are long, and come with every request.
    characters = text.rstrip("=")
    if not characters or len(text) > MOST_CHARACTERS or not characters.isascii():
        return False
    return not characters.encode().translate(None, _IN_TOKENS)


def websocket_token(request: web.Request) -> str:
    """The token of a WebSocket: in Authorization, or as the subprotocol `bearer.<token>` beside `countersign.v1`.

    A browser can set no header, and an address ends up in logs; subprotocols are the one place left.
    """
    offered = request.headers.get("Sec-WebSocket-Protocol", "")
    tokens = [name.strip() for name in offered.split(",") if name.strip().startswith(_BEARER_PROTOCOL)]
    if len(tokens) == 1:
        return require_token(tokens[0].removeprefix(_BEARER_PROTOCOL))
    return bearer(request)


def require_own_origin(request: web.Request) -> None:
    """Raises `CrossSite` when a page of another site opened this (programs send no Origin)."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.app[ORIGIN]:
        raise CrossSite
