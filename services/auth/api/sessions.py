"""`/v1/sessions`: a person sees where they are signed in, and signs out."""

from aiohttp import web

from chassis.responses import json_response
from services.auth.api.bearer import READ_TOKEN, require_session
from services.auth.flows.end_sessions import EndSessions
from services.auth.model.device import device, place
from services.auth.model.errors import InvalidTokenRequest
from services.auth.model.session import Session, session_id

END_SESSIONS: web.AppKey[EndSessions] = web.AppKey("END_SESSIONS", EndSessions)


async def list_sessions(request: web.Request) -> web.Response:
    """200 `{sessions: [...]}`, newest first; `current` marks the one that asks."""
    here = await require_session(request)
    sessions = await request.app[READ_TOKEN].sessions_of(here.user_id)
    return json_response({"sessions": [_shown(session, here) for session in sessions]})


async def end_current(request: web.Request) -> web.Response:
    """204: this session is over."""
    here = await require_session(request)
    await request.app[END_SESSIONS].require_one(here.user_id, here.id)
    return web.Response(status=204)


async def end_one(request: web.Request) -> web.Response:
    """204, or 404 for what is not an open session of this person."""
    here = await require_session(request)
    await request.app[END_SESSIONS].require_one(here.user_id, session_id(request.match_info["sid"]))
    return web.Response(status=204)


async def end_many(request: web.Request) -> web.Response:
    """204: `?scope=others` ends all but this session, `?scope=global` this one too."""
    here = await require_session(request)
    match request.query.getall("scope", []):
        case ["others"]:
            await request.app[END_SESSIONS].others(here.user_id, here.id)
        case ["global"]:
            await request.app[END_SESSIONS].everywhere(here.user_id)
        case _:
            raise InvalidTokenRequest
    return web.Response(status=204)


def _shown(session: Session, here: Session) -> dict[str, object]:
    return {
        "id": session.id,
        "current": session.id == here.id,
        "client_id": session.client_id,
        "amr": list(session.amr),
        "authenticated_at": session.authenticated_at,
        "opened_at": session.opened_at,
        "last_used_at": session.last_used_at,
        "expires_at": session.expires_at,
        "device": device(session.caller.browser),
        "place": place(session.caller.address),
    }
