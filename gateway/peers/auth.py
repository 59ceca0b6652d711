"""auth as the gateway's `Credentials`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from chassis.clock import Clock
from gateway.model.answer import PeerAnswer
from gateway.model.client import ClientContext
from gateway.model.errors import PeerUnavailable
from gateway.model.tokens import JWT_TYPE, TOKEN_EXCHANGE, PartialLogin, Tokens
from gateway.peers.http import FORM, HttpPeer
from gateway.peers.refusals import require_success


@dataclass(frozen=True)
class AuthPeer:
    """Implements `ports.Credentials`."""

    peer: HttpPeer
    clock: Clock

    async def register(self, email: str, password: str, client: ClientContext) -> PartialLogin:
        """POST /v1/users."""
        return await self._begin("/v1/users", email, password, client)

    async def login(self, email: str, password: str, client: ClientContext) -> PartialLogin:
        """POST /v1/login."""
        return await self._begin("/v1/login", email, password, client)

    async def exchange(
        self, partial: str, receipt: str, client: ClientContext, parameters: Mapping[str, str] | None = None
    ) -> Tokens:
        """POST /oauth2/token, RFC 8693 section 2.1 with the receipt as an extension parameter."""
        form = {
            **(parameters or {}),
            "grant_type": TOKEN_EXCHANGE,
            "subject_token": partial,
            "subject_token_type": JWT_TYPE,
            "receipt": receipt,
        }
        return await self._tokens(form, client)

    async def refresh(self, refresh_token: str) -> Tokens:
        """POST /oauth2/token, RFC 6749 section 6."""
        return await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token}, None)

    async def end_session(self, token: str) -> None:
        """POST /oauth2/revoke, RFC 7009: good also for a session whose access token has run out meanwhile."""
        require_success(await self._post_form("/oauth2/revoke", {"token": token}))

    async def _begin(self, path: str, email: str, password: str, client: ClientContext) -> PartialLogin:
        answer = await self.peer.ask_json("POST", path, {"email": email, "password": password}, client=client)
        return self._partial_login(require_success(answer))

    async def _tokens(self, form: Mapping[str, str], client: ClientContext | None) -> Tokens:
        return self._read_tokens(require_success(await self._post_form("/oauth2/token", form, client)))

    async def _post_form(self, path: str, form: Mapping[str, str], client: ClientContext | None = None) -> PeerAnswer:
        headers = {"Content-Type": FORM}
        return await self.peer.ask("POST", path, client=client, body=urlencode(form).encode(), headers=headers)

    def _partial_login(self, answer: PeerAnswer) -> PartialLogin:
        document = answer.document
        try:
            life = int(document["expires_in"])
            expires_at = self.clock() + timedelta(seconds=life)
            return PartialLogin(str(document["mfa_token"]), str(document["user_id"]), life, expires_at)
        except (KeyError, TypeError, ValueError) as nonsense:
            raise PeerUnavailable from nonsense

    def _read_tokens(self, answer: PeerAnswer) -> Tokens:
        document = answer.document
        try:
            life = int(document["expires_in"])
            return Tokens(
                access_token=str(document["access_token"]),
                refresh_token=str(document["refresh_token"]),
                expires_in=life,
                expires_at=self.clock() + timedelta(seconds=life),
                scope=str(document.get("scope", "")),
            )
        except (KeyError, TypeError, ValueError) as nonsense:
            raise PeerUnavailable from nonsense
