"""Access tokens, and the one mistake that deserves its own answer."""

from dataclasses import dataclass

from countersign import AccessToken, InvalidToken, PartialToken, Verifier, WrongType
from gateway.model.errors import AccessTokenRefused, SecondFactorNeeded
from gateway.model.identity import Identity

AAL2 = "aal2"


@dataclass(frozen=True)
class AccessTokenReader:
    """Implements `ports.AccessTokens` with the SDK's verifiers."""

    access: Verifier[AccessToken]
    partial: Verifier[PartialToken]

    async def read(self, text: str) -> Identity:
        """Whose session it is; raises `AccessTokenRefused`, `SecondFactorNeeded`, `KeysUnavailable`."""
        try:
            token = await self.access.verify(text)
        except WrongType:
            raise await self._other_kind(text) from None
        except InvalidToken:
            raise AccessTokenRefused from None
        if token.acr != AAL2:
            raise SecondFactorNeeded
        return Identity(token.subject, token.session, token.acr, token.amr, token.authenticated_at, token.expires_at)

    async def _other_kind(self, text: str) -> AccessTokenRefused | SecondFactorNeeded:
        try:
            await self.partial.verify(text)
        except InvalidToken:
            return AccessTokenRefused()
        return SecondFactorNeeded()
