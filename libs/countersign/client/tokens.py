"""The token endpoints: a session is opened, renewed, looked at and ended."""

from collections.abc import Iterable, Mapping
from typing import Final

from countersign.client.calls import AS_A_REFRESH, FREELY, NEVER, Call, Calls
from countersign.client.credentials import ClientCredentials
from countersign.client.grants import Grant, Introspection

TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 names of RFC 8693
MFA_OTP: Final = "http://auth0.com/oauth/grant-type/mfa-otp"
MFA_RECOVERY_CODE: Final = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
JWT_TYPE: Final = "urn:ietf:params:oauth:token-type:jwt"
TOKEN: Final = "/oauth2/token"  # noqa: S105 an address


class Tokens:
    """`/oauth2/*`. `client` is this service's own credentials; a program that acts for a person needs none."""

    def __init__(self, calls: Calls, client: ClientCredentials | None = None) -> None:
        self.calls, self.client = calls, client

    async def exchange(self, mfa_token: str, scope: str | Iterable[str] = ()) -> Grant:
        """The session of a login that was confirmed (RFC 8693). The same partial token may be sent again.

        Raises `LoginPending` while nobody has confirmed, `Denied`, `LoginExpired`, `LoginOver`.
        """
        form = {"grant_type": TOKEN_EXCHANGE, "subject_token": mfa_token, "subject_token_type": JWT_TYPE}
        return Grant.read(await self.calls(self._call(TOKEN, {**form, **_scope(scope)}, FREELY)))

    async def confirm(
        self,
        mfa_token: str,
        code: str,
        *,
        channel: str | None = None,
        factor_id: str | None = None,
        scope: str | Iterable[str] = (),
    ) -> Grant:
        """The session of a login, for a code that an app shows: no challenge, no exchange.

        By default the authenticator app's, or, for who has none, Authy's; `channel` ("totp", "app") or `factor_id` says
        which. Never repeated once sent: tries are counted. After a lost answer call it again with the same code: of a
        login that is confirmed no code is looked at.

        Raises `InvalidCode` (the login stands), `ChallengePending`, `FactorUnavailable`, `EnrolmentRequired`,
        `TooMany`, and what `exchange` raises.
        """
        said = {"otp": code, "channel": channel, "factor_id": factor_id}
        return await self._with_code(MFA_OTP, mfa_token, said, scope)

    async def recover(self, mfa_token: str, recovery_code: str, scope: str | Iterable[str] = ()) -> Grant:
        """The same for one of the codes that were kept for this; it is spent. Raises what `confirm` raises."""
        return await self._with_code(MFA_RECOVERY_CODE, mfa_token, {"recovery_code": recovery_code}, scope)

    async def refresh(self, refresh_token: str, scope: str | Iterable[str] = ()) -> Grant:
        """The next pair of tokens (RFC 6749 section 6): keep both, the one before is spent.

        A lost answer is asked for again within seconds, while the server gives the same pair; later never, because a
        spent token that comes again ends the session. Raises `LoginOver` when the session has ended.
        """
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **_scope(scope)}
        return Grant.read(await self.calls(self._call(TOKEN, form, AS_A_REFRESH)))

    async def for_service(self, scope: str | Iterable[str] = ()) -> Grant:
        """A token for this service itself (RFC 6749 section 4.4), where the server offers it, else `InvalidRequest`."""
        form = {"grant_type": "client_credentials", **_scope(scope)}
        return Grant.read(await self.calls(self._call(TOKEN, form, FREELY, self._require_client())))

    async def revoke(self, token: str) -> None:
        """Ends the session of a refresh or access token (RFC 7009); also good for one that nobody knows."""
        await self.calls(self._call("/oauth2/revoke", {"token": token}, FREELY))

    async def introspect(self, token: str) -> Introspection:
        """What the token is worth right now (RFC 7662); only for a service with credentials."""
        call = self._call("/oauth2/introspect", {"token": token}, FREELY, self._require_client())
        return Introspection.read(await self.calls(call))

    async def _with_code(
        self, grant: str, mfa_token: str, said: Mapping[str, str | None], scope: str | Iterable[str]
    ) -> Grant:
        form = {"grant_type": grant, "mfa_token": mfa_token, **_scope(scope)}
        form |= {name: value for name, value in said.items() if value is not None}
        return Grant.read(await self.calls(self._call(TOKEN, form, NEVER)))

    def _require_client(self) -> ClientCredentials:
        if self.client is None:
            raise ValueError("this needs the service's credentials: Countersign(..., client=ClientSecret(...))")
        return self.client

    def _call(
        self, path: str, form: dict[str, str], repeat_for: float, client: ClientCredentials | None = None
    ) -> Call:
        return Call("POST", path, repeat_for, form=form, client=client or self.client)


def _scope(scope: str | Iterable[str]) -> dict[str, str]:
    text = scope if isinstance(scope, str) else " ".join(scope)
    return {"scope": text} if text else {}
