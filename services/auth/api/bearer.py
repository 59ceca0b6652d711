"""Who is signed in, by the access token of the request."""

from aiohttp import web

from chassis.request import note
from services.auth.flows.read_token import ReadToken
from services.auth.model.session import Session

READ_TOKEN: web.AppKey[ReadToken] = web.AppKey("READ_TOKEN", ReadToken)


async def require_session(request: web.Request) -> Session:
    """The open session that the request comes from; raises `NotSignedIn`."""
    session = await request.app[READ_TOKEN].require_session(request.headers)
    note(request, user=session.user_id, session=session.id)
    return session
