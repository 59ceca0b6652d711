"""auth, asked whether a session stands, with the session's own token: the gateway has no credential of its own."""

from dataclasses import dataclass
from http import HTTPStatus

from gateway.model.errors import PeerUnavailable
from gateway.peers.http import HttpPeer


@dataclass(frozen=True)
class AuthSessionCheck:
    """Implements `ports.SessionCheck`: auth's own endpoints refuse the token of an ended session at once."""

    peer: HttpPeer

    async def is_open(self, token: str) -> bool:
        """GET /v1/sessions."""
        answer = await self.peer.ask("GET", "/v1/sessions", token=token)
        if answer.status == HTTPStatus.OK:
            return True
        if answer.status == HTTPStatus.UNAUTHORIZED:
            return False
        raise PeerUnavailable
