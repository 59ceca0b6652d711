"""After the password: the partial token, with which one login's second factor is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from chassis.dated_ids import dated
from countersign.claims import PartialToken
from services.auth.model.grant import PartialLogin
from services.auth.model.user import User
from services.auth.ports import PartialSigner


@dataclass(frozen=True)
class BeginLogin:
    """Names a new login and signs its partial token, good for `ttl` and not refreshable."""

    signer: PartialSigner
    ttl: timedelta
    clock: Clock
    new_id: Callable[[], str]

    def __call__(self, user: User, device: str = "") -> PartialLogin:
        """`device`: by its id, if the account knows it."""
        now = self.clock()
        token = PartialToken(
            subject=user.id,
            # What the login spends is looked for among the proofs of its time.
            id=dated(self.new_id(), now),
            login=self.new_id(),
            email=user.email.address,
            issued_at=now,
            expires_at=now + self.ttl,
            device=device,
        )
        return PartialLogin(self.signer.partial(token), self.ttl, user.id, token.login)
