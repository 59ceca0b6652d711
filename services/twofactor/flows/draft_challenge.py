"""A challenge before anybody knows of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from chassis.dated_ids import dated
from countersign import PartialToken
from services.twofactor.model.challenge import BINDING_TRIES, Challenge, first_status
from services.twofactor.model.channel import Channel
from services.twofactor.model.context import Context
from services.twofactor.model.factor import Enrolment


@dataclass(frozen=True)
class DraftChallenge:
    """Writes down who is asked, how, by which login, and until when. `binds`: whether pushes want their code typed.

    `here`: the present request as traces name it, for those that go on with the challenge.
    """

    life: timedelta
    tries: int
    binds: bool
    clock: Clock
    new_id: Callable[[], str]
    here: Callable[[], str]

    def __call__(self, partial: PartialToken, enrolment: Enrolment, channel: Channel, context: Context) -> Challenge:
        """Pending, and over when the login's partial token is, at the latest."""
        now = self.clock()
        bound = self.binds and channel is Channel.PUSH
        return Challenge(
            # Its receipt is kept among those of its time, and found there by this id.
            id=dated(self.new_id(), now),
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
            tries_left=BINDING_TRIES if bound else self.tries,
            status=first_status(channel, bound=bound),
            bound=bound,
            opened_in=self.here(),
        )
