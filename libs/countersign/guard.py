"""Who a request comes from, decided from its headers alone: the one decision behind every framework's middleware."""

from collections.abc import Iterable

from countersign.bearer import token_of
from countersign.claims import AccessToken, Assertion, ServiceToken
from countersign.clock import Clock, utc_now
from countersign.errors import Ambiguous, MissingToken
from countersign.requirements import Caller, Requirements
from countersign.verifier import Verifier

AUTHORIZATION = "authorization"
ASSERTION_HEADER = "countersign-assertion"
Headers = Iterable[tuple[str, str]]


class Guard:
    """Believes an access token as `Authorization: Bearer`, and the gateway's assertion if `assertion` is given.

    Verifiers of the kinds `ACCESS` and `ASSERTION` let persons in, of `CALLER` and `ASSERTED` services, too.

    Nothing else in a request is looked at: no address, no body, no cookie, no `Countersign-User`, and no header in
    another spelling (`Countersign_Assertion`).
    """

    def __init__(
        self,
        access: Verifier[AccessToken | ServiceToken],
        assertion: Verifier[Assertion | ServiceToken] | None = None,
        *,
        realm: str = "countersign",
        clock: Clock = utc_now,
    ) -> None:
        self.access, self.assertion, self.realm, self.clock = access, assertion, realm, clock

    async def identify(self, headers: Headers) -> Caller:
        """Raises a kind of `InvalidToken`, or of `CannotTell`."""
        pairs = [(name.lower(), value) for name, value in headers]
        bearers = [value for name, value in pairs if name == AUTHORIZATION]
        assertions = [value for name, value in pairs if name == ASSERTION_HEADER] if self.assertion else []
        if len(bearers) + len(assertions) > 1:
            raise Ambiguous
        if self.assertion is not None and assertions:
            return await self.assertion.verify(assertions[0])
        if bearers:
            return await self.access.verify(token_of(bearers[0]))
        raise MissingToken

    async def require(self, headers: Headers, requirements: Requirements) -> Caller:
        """Besides raises a kind of `Insufficient`."""
        caller = await self.identify(headers)
        requirements.require(caller, self.clock())
        return caller
