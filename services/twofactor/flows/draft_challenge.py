"""A challenge before anybody knows of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from countersign import PartialToken
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Channel
from services.twofactor.model.context import Context
from services.twofactor.model.factor import Enrolment


@dataclass(frozen=True)
class DraftChallenge:
    """Writes down who is asked, how, by which login, and until when."""

    life: timedelta
    tries: int
    clock: Clock
    new_id: Callable[[], str]

    def __call__(self, partial: PartialToken, enrolment: Enrolment, channel: Channel, context: Context) -> Challenge:
        """Pending, and over when the login's partial token is, at the latest."""
        now = self.clock()
        return Challenge(
            id=self.new_id(),
            login=partial.login,
            partial_id=partial.id,
            user=partial.subject,
            enrolment=enrolment.id,
            account=enrolment.account,
            channel=channel,
            name=enrolment.name,
            context=context,
            created_at=now,
            updated_at=now,
            expires_at=min(now + self.life, partial.expires_at),
            login_ends_at=partial.expires_at,
            tries_left=self.tries,
        )
