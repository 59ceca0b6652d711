"""Whose request this is: the bearer token, believed or not."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from multidict import CIMultiDictProxy

from countersign import AccessToken, InvalidToken, PartialToken, Verifier, WrongType
from countersign.bearer import bearer_token
from services.twofactor.flows.believe import Partials
from services.twofactor.model.errors import NotAuthenticated

# auth names people, logins and tokens by UUIDs; these become keys and columns here.
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
T = TypeVar("T")
Headers = CIMultiDictProxy[str]


@dataclass(frozen=True)
class ReadToken:
    """Believes the two kinds of token that auth issues, each only where it is asked for."""

    partials: Partials
    sessions: Verifier[AccessToken]

    async def partial(self, headers: Headers) -> PartialToken:
        """The partial token; an access token, or nothing, raises `NotAuthenticated`."""
        token = await _believed(headers, self.partials.verify)
        require_uuids(token.subject, token.login, token.id)
        return token

    async def session(self, headers: Headers) -> AccessToken:
        """The access token; a partial token, or nothing, raises `NotAuthenticated`."""
        token = await _believed(headers, self.sessions.verify)
        require_uuids(token.subject)
        return token

    async def either(self, headers: Headers) -> PartialToken | AccessToken:
        """Whichever of the two it is, each judged as strictly as alone."""
        try:
            return await self.partial(headers)
        except NotAuthenticated as unfit:
            if not isinstance(unfit.__cause__, WrongType):
                raise
        return await self.session(headers)


async def _believed(headers: Headers, verify: Callable[[str], Awaitable[T]]) -> T:
    try:
        return await verify(bearer_token(headers))
    except InvalidToken as unfit:
        raise NotAuthenticated from unfit


def require_uuids(*ids: str) -> None:
    """Raises `NotAuthenticated` for a text that auth would not have written."""
    if not all(_UUID.fullmatch(id_) for id_ in ids):
        raise NotAuthenticated
