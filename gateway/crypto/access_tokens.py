"""Access tokens of people and of services, and the one mistake that deserves its own answer."""

from dataclasses import dataclass

from countersign import AccessToken, InvalidToken, PartialToken, ServiceToken, Verifier, WrongType
from gateway.model.errors import AccessTokenRefused, SecondFactorNeeded
from gateway.model.identity import Identity

AAL2 = "aal2"


def _identity(token: AccessToken | ServiceToken) -> Identity:
    if isinstance(token, ServiceToken):
        of_service = (token.client_id, "", "", (), token.expires_at, token.expires_at, token.client_id, token.scope)
        return Identity(*of_service, is_client=True)
    return Identity(
        subject=token.subject,
        session=token.session,
        acr=token.acr,
        amr=token.amr,
        auth_time=token.authenticated_at,
        expires_at=token.expires_at,
        client_id=token.client_id,
        scope=token.scope,
        groups=token.groups,
    )


@dataclass(frozen=True)
class AccessTokenReader:
    """Implements `ports.AccessTokens` with the SDK's verifiers."""

    access: Verifier[AccessToken | ServiceToken]
    partial: Verifier[PartialToken]

    async def read(self, text: str) -> Identity:
        """Whose token it is; raises `AccessTokenRefused`, `SecondFactorNeeded`, `KeysUnavailable`."""
        try:
            identity = _identity(await self.access.verify(text))
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
