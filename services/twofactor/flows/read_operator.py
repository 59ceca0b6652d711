"""Whether a request comes from the operator: auth's word for one act, on one person."""

from dataclasses import dataclass

from multidict import CIMultiDictProxy

from countersign import InvalidToken, Verifier
from countersign.bearer import bearer_token
from countersign.claims import ServiceToken
from services.twofactor.flows.read_token import require_uuids
from services.twofactor.model.errors import NotAuthenticated

# auth lets no client be called so, and signs its tokens for the operator's command line alone.
OPERATOR = "countersign-operator"


@dataclass(frozen=True)
class ReadOperator:
    """The scope names the act and the person: no other token of auth's, whoever has it, does this."""

    services: Verifier[ServiceToken]

    async def require(self, headers: CIMultiDictProxy[str], act: str, user: str) -> None:
        """Raises `NotAuthenticated`."""
        try:
            token = await self.services.verify(bearer_token(headers))
        except InvalidToken as unfit:
            raise NotAuthenticated from unfit
        require_uuids(user)
        if token.client_id != OPERATOR or token.scope != {f"{act}:{user}"}:
            raise NotAuthenticated
