"""services.twofactor, asked in an operator's name with tokens that allow one thing, to one person, for a minute."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import ClientError, ClientSession

from chassis.clock import Clock
from chassis.origin import origin
from countersign.claims import ServiceToken
from services.auth.model.operating import OPERATOR, NotDone
from services.auth.model.user import User
from services.auth.ports import Signer
from services.auth.ports_of_operators import TwofactorAway

LIFE = timedelta(seconds=60)


@dataclass(frozen=True)
class HttpTwofactor:
    """Implements `Twofactor`. A token's scope is one act on one person: whoever steals it can do that, for a minute."""

    http: ClientSession
    address: str
    signer: Signer
    clock: Clock
    new_id: Callable[[], str]

    async def reset(self, user: User, reason: str) -> tuple[int, str]:
        more = {"email": user.email.address}
        done = await self._ask("reset", f"factors:reset:{user.id}", user.id, reason, **more)
        return int(done["factors"]), str(done["code"])

    async def void(self, user_id: str, reason: str) -> None:
        await self._ask("void", f"logins:void:{user_id}", user_id, reason)

    async def _ask(self, what: str, scope: str, user_id: str, reason: str, **more: str) -> dict[str, Any]:
        address = f"{self.address}/v1/mfa/users/{user_id}/{what}"
        said = {"reason": reason, "by": origin().actor, **more}
        headers = {"Authorization": f"Bearer {self._token(scope)}"}
        try:
            async with self.http.post(address, json=said, headers=headers, allow_redirects=False) as answer:
                if answer.status >= 500:
                    raise TwofactorAway(f"{self.address} answers {answer.status}")
                if answer.status != 200:
                    raise NotDone(
                        f"{address} answers {answer.status}: is it twofactor, of this version, with our keys?"
                    )
                body: dict[str, Any] = await answer.json()
                return body
        except (ClientError, OSError, TimeoutError) as away:
            raise TwofactorAway(f"{self.address} does not answer: {str(away) or type(away).__name__}") from away

    def _token(self, scope: str) -> str:
        now = self.clock()
        return self.signer.service(ServiceToken(OPERATOR, self.new_id(), frozenset({scope}), now + LIFE), now)
