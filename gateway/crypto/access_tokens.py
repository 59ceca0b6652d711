"""Access tokens of people and of services, and the one mistake that deserves its own answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from countersign import ACCESS, InvalidToken, PartialToken, Verifier, WrongType
from countersign.claims import Kind
from gateway.model.errors import AccessTokenRefused, SecondFactorNeeded
from gateway.model.identity import Identity

AAL2 = "aal2"
OF_PEOPLE = frozenset({"sid", "acr", "amr", "auth_time"})


def _identity(claims: Mapping[str, Any]) -> Identity:
    return _person(claims) if OF_PEOPLE & claims.keys() else _service(claims)


def _person(claims: Mapping[str, Any]) -> Identity:
    token = ACCESS.read(claims)
    return Identity(
        subject=token.subject,
        session=token.session,
        acr=token.acr,
        amr=token.amr,
        auth_time=token.authenticated_at,
        expires_at=token.expires_at,
        client_id=token.client_id,
        scope=token.scope,
    )


def _service(claims: Mapping[str, Any]) -> Identity:
    """A token of the grant client_credentials: the service is its own subject (RFC 9068 section 2.2)."""
    client = claims["client_id"]
    if not isinstance(client, str) or not client or claims["sub"] != client:
        raise ValueError("client_id")
    scope = frozenset(str(claims.get("scope", "")).split())
    issued, expires = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
    return Identity(client, "", "", (), issued, expires, client, scope, is_client=True)


CALLER: Kind[Identity] = Kind(ACCESS.typ, _identity)


@dataclass(frozen=True)
class AccessTokenReader:
    """Implements `ports.AccessTokens` with the SDK's verifiers."""

    access: Verifier[Identity]
    partial: Verifier[PartialToken]

    async def read(self, text: str) -> Identity:
        """Whose token it is; raises `AccessTokenRefused`, `SecondFactorNeeded`, `KeysUnavailable`."""
        try:
            identity = await self.access.verify(text)
        except WrongType:
            raise await self._other_kind(text) from None
        except InvalidToken:
            raise AccessTokenRefused from None
        if not identity.is_client and identity.acr != AAL2:
            raise SecondFactorNeeded
        return identity

    async def _other_kind(self, text: str) -> AccessTokenRefused | SecondFactorNeeded:
        try:
            await self.partial.verify(text)
        except InvalidToken:
            return AccessTokenRefused()
        return SecondFactorNeeded()
