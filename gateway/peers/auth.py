"""auth as the gateway's `Credentials`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode

import orjson

from chassis.clock import Clock
from gateway.model.answer import PeerAnswer
from gateway.model.client import ClientContext
from gateway.model.errors import PeerUnavailable
from gateway.model.open_session import OpenSession, read_open_session
from gateway.model.tokens import JWT_TYPE, TOKEN_EXCHANGE, PartialLogin, Tokens
from gateway.peers.http import FORM, JSON, HttpPeer
from gateway.peers.refusals import require_success

SESSIONS = "/v1/sessions"
DEVICE = "Countersign-Device"
PASSWORD = "/v1/users/me/password"  # noqa: S105 an address
RENEWAL = "/v1/login/password"
_SESSION_ID = re.compile(r"[0-9A-Fa-f-]{36}\Z")


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

    async def renew_password(self, token: str, new: str, client: ClientContext) -> Tokens:
        """POST /v1/login/password."""
        body = {"new_password": new}
        answer = await self.peer.ask_json("POST", RENEWAL, body, token=token, client=client)
        return self._read_tokens(require_success(answer))

    async def refresh(self, refresh_token: str) -> Tokens:
        """POST /oauth2/token, RFC 6749 section 6."""
        return await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token}, None)

    async def end_session(self, token: str) -> None:
        """POST /oauth2/revoke, RFC 7009: good also for a session whose access token has run out meanwhile."""
        require_success(await self._post_form("/oauth2/revoke", {"token": token}))

    async def sessions(self, token: str) -> list[OpenSession]:
        """GET /v1/sessions."""
        answer = require_success(await self.peer.ask("GET", SESSIONS, token=token))
        try:
            return [read_open_session(entry) for entry in answer.document["sessions"]]
        except (KeyError, TypeError, ValueError) as nonsense:
            raise PeerUnavailable from nonsense

    async def end_one(self, token: str, session_id: str) -> None:
        """DELETE /v1/sessions/{sid}."""
        # The id comes from outside: one that could be read as more than one segment of a path is nobody's.
        if not _SESSION_ID.match(session_id):
            return
        answer = await self.peer.ask("DELETE", f"{SESSIONS}/{session_id}", token=token)
        if answer.status != HTTPStatus.NOT_FOUND:
            require_success(answer)

    async def end_many(self, token: str, *, this_one_too: bool) -> None:
        """DELETE /v1/sessions?scope=others or global."""
        scope = "global" if this_one_too else "others"
        require_success(await self.peer.ask("DELETE", f"{SESSIONS}?scope={scope}", token=token))

    async def change_password(self, token: str, current: str, new: str, client: ClientContext) -> None:
        """POST /v1/users/me/password."""
        body = {"current_password": current, "new_password": new}
        require_success(await self.peer.ask_json("POST", PASSWORD, body, token=token, client=client))

    async def _begin(self, path: str, email: str, password: str, client: ClientContext) -> PartialLogin:
        body = orjson.dumps({"email": email, "password": password})
        headers = {"Content-Type": JSON, **({DEVICE: client.device} if client.device else {})}
        answer = await self.peer.ask("POST", path, client=client, body=body, headers=headers)
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
                device=str(document.get("device_token", "")),
            )
        except (KeyError, TypeError, ValueError) as nonsense:
            raise PeerUnavailable from nonsense
