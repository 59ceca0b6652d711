"""Whose request this is."""

from aiohttp import web

from countersign import AccessToken, PartialToken
from services.twofactor.flows.read_token import ReadToken

READ_TOKEN: web.AppKey[ReadToken] = web.AppKey("READ_TOKEN", ReadToken)


async def require_partial(request: web.Request) -> PartialToken:
    """The partial token of a login."""
    return await request.app[READ_TOKEN].partial(request.headers)


async def require_session(request: web.Request) -> AccessToken:
    """The access token of a session."""
    return await request.app[READ_TOKEN].session(request.headers)


async def require_either(request: web.Request) -> PartialToken | AccessToken:
    """One or the other."""
    return await request.app[READ_TOKEN].either(request.headers)
