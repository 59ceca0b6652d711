"""auth's feed of ended sessions, passed on to services as it comes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from gateway.model.answer import PeerAnswer
from gateway.model.client import ClientContext
from gateway.model.errors import PeerUnavailable
from gateway.peers.http import about, answer_of

# auth says something every 15 seconds; a connection that is silent for longer is dead.
SILENT_SECONDS = 35.0
CONNECT_SECONDS = 5.0


@dataclass(frozen=True)
class AuthFeed:
    """The stream behind `GET /v1/sessions/ended`."""

    session: ClientSession
    base: str

    @asynccontextmanager
    async def follow(
        self, client: ClientContext, headers: Mapping[str, str]
    ) -> AsyncIterator[AsyncIterator[bytes] | PeerAnswer]:
        """What comes, piece by piece, or auth's refusal; raises `PeerUnavailable`."""
        address = URL(self.base + "/v1/sessions/ended", encoded=True)
        timeout = ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_connect=2, sock_read=SILENT_SECONDS)
        try:
            answer = await self.session.get(
                address, headers={**about(client), **headers}, timeout=timeout, allow_redirects=False
            )
        except (ClientError, TimeoutError, OSError, ValueError) as away:
            raise PeerUnavailable from away
        async with answer:
            yield _pieces(answer) if answer.status == HTTPStatus.OK else await answer_of(answer)


async def _pieces(answer: ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.content.iter_any():
            yield piece
    except (ClientError, TimeoutError, OSError):
        # The follower sees the end, and connects again with the last id.
        return
