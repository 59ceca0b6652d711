"""Exchange: a password that was right and a phone that said yes become a session; or a code that was at hand."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.model.client import ClientContext
from gateway.model.code_at_hand import CodeAtHand
from gateway.model.tokens import Tokens
from gateway.ports import Credentials
from gateway.ports_of_second_factor import SecondFactor


@dataclass(frozen=True)
class Exchange:
    """RFC 8693 token exchange. The gateway carries the receipt from twofactor to auth; it can make neither end.

    A crash between the two steps loses nothing: the same partial token gets the same receipt for its 60 seconds. Two
    exchanges at once get one session: auth spends the partial token once.
    """

    second_factor: SecondFactor
    credentials: Credentials

    async def __call__(
        self, partial: str, client: ClientContext, parameters: Mapping[str, str] | None = None
    ) -> Tokens:
        """Raises `ApprovalPending`, `ApprovalDenied`, `ApprovalExpired`, `GrantRefused`, `TokenRefused`, ...

        `parameters` are the request's optional ones (client_id, scope).
        """
        receipt = await self.second_factor.receipt(partial)
        return await self.credentials.exchange(partial, receipt, client, parameters)

    async def with_code(
        self, partial: str, code: CodeAtHand, client: ClientContext, parameters: Mapping[str, str] | None = None
    ) -> Tokens:
        """The same for a code at hand: nobody is asked. Raises `InvalidCode` and what else a challenge raises, too."""
        receipt = await self.second_factor.confirm(partial, code, client)
        return await self.credentials.exchange(partial, receipt, client, parameters)
