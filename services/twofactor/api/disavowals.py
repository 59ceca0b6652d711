"""`POST /v1/mfa/disavowals`: "it was not me", said by somebody who is signed in."""

from aiohttp import web

from services.twofactor.api.bearer import require_session
from services.twofactor.flows.disavow import Disavow

DISAVOW: web.AppKey[Disavow] = web.AppKey("DISAVOW", Disavow)


async def disavow(request: web.Request) -> web.Response:
    """202: it is written down, and what follows from it begins; no body is read."""
    session = await require_session(request)
    await request.app[DISAVOW].by_session(session)
    return web.Response(status=202)
