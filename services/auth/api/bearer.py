"""Who is signed in, by the access token of the request."""

from aiohttp import web

from countersign.bearer import bearer_token
from countersign.errors import MissingToken
from services.auth.flows.read_token import ReadToken
from services.auth.model.errors import TokenMissing
from services.auth.model.session import Session

READ_TOKEN: web.AppKey[ReadToken] = web.AppKey("READ_TOKEN", ReadToken)


async def require_session(request: web.Request) -> Session:
    """The open session that the request comes from; raises `NotSignedIn`."""
    try:
        text = bearer_token(request.headers)
    except MissingToken as missing:
        raise TokenMissing from missing
    _, session = await request.app[READ_TOKEN].require_access(text)
    return session
