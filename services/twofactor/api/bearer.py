"""Whose request this is."""

from aiohttp import web

from chassis.request import note
from countersign import AccessToken, PartialToken
from services.twofactor.flows.read_token import ReadToken
from services.twofactor.flows.require_standing import RequireStanding

READ_TOKEN: web.AppKey[ReadToken] = web.AppKey("READ_TOKEN", ReadToken)
REQUIRE_STANDING: web.AppKey[RequireStanding] = web.AppKey("REQUIRE_STANDING", RequireStanding)


async def require_partial(request: web.Request) -> PartialToken:
    """The partial token of a login."""
    token = await request.app[READ_TOKEN].partial(request.headers)
    note(request, user=token.subject, login=token.login)
    return token


async def require_session(request: web.Request) -> AccessToken:
    """The access token of a session."""
    token = await request.app[READ_TOKEN].session(request.headers)
    note(request, user=token.subject, session=token.session)
    return token


async def require_either(request: web.Request) -> PartialToken | AccessToken:
    """One or the other."""
    token = await request.app[READ_TOKEN].either(request.headers)
    where = {"login": token.login} if isinstance(token, PartialToken) else {"session": token.session}
    note(request, user=token.subject, **where)
    return token


async def require_standing(request: web.Request, person: PartialToken | AccessToken) -> None:
    """For whatever does something: raises `NotAuthenticated` for what was begun before it was voided."""
    await request.app[REQUIRE_STANDING](person)
