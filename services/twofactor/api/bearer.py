"""Whose request this is: the bearer token as a type."""

import re
from dataclasses import dataclass

from aiohttp import web

from countersign import AccessToken, InvalidToken, PartialToken, Verifier, WrongType
from countersign.bearer import bearer_token
from services.twofactor.model.errors import NotAuthenticated

# auth names people, logins and tokens by UUIDs; these become keys and columns here.
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Tokens:
    """The two kinds of token that this service believes, both from auth."""

    partial: Verifier[PartialToken]
    access: Verifier[AccessToken]


TOKENS: web.AppKey[Tokens] = web.AppKey("TOKENS", Tokens)


async def require_partial(request: web.Request) -> PartialToken:
    """The partial token; an access token, or nothing, raises `NotAuthenticated`."""
    try:
        token = await request.app[TOKENS].partial.verify(bearer_token(request.headers))
    except InvalidToken as unfit:
        raise NotAuthenticated from unfit
    _require_uuids(token.subject, token.login, token.id)
    return token


async def require_access(request: web.Request) -> AccessToken:
    """The access token; a partial token, or nothing, raises `NotAuthenticated`."""
    try:
        token = await request.app[TOKENS].access.verify(bearer_token(request.headers))
    except InvalidToken as unfit:
        raise NotAuthenticated from unfit
    _require_uuids(token.subject)
    return token


async def require_either(request: web.Request) -> PartialToken | AccessToken:
    """Whichever of the two it is, each judged as strictly as alone."""
    try:
        return await require_partial(request)
    except NotAuthenticated as unfit:
        if not isinstance(unfit.__cause__, WrongType):
            raise
    return await require_access(request)


def _require_uuids(*ids: str) -> None:
    if not all(_UUID.fullmatch(id_) for id_ in ids):
        raise NotAuthenticated
