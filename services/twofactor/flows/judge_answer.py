"""What the provider says of a push, by callback or read back: believed for the request that we made, and no other."""

from dataclasses import dataclass

import structlog

from services.twofactor.flows.advance import Advance
from services.twofactor.flows.disavow import Disavow
from services.twofactor.model.challenge import Challenge, Event, Status
from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import CallbackMismatch
from services.twofactor.model.provider import PushAnswer, PushStatus
from services.twofactor.ports import Challenges

log = structlog.get_logger()

# "pending" is no news, and when time is up is for our own clock to say.
_EVENTS = {PushStatus.APPROVED: Event.PROVIDER_APPROVES, PushStatus.DENIED: Event.PROVIDER_DENIES}


@dataclass(frozen=True)
class JudgeAnswer:
    """Moves the challenge by an answer to it."""

    challenges: Challenges
    advance: Advance
    disavow: Disavow

    async def __call__(self, challenge: Challenge, answer: PushAnswer) -> Challenge:
        """The challenge after the answer; raises `CallbackMismatch`, `ChallengeClosed` when it comes too late."""
        await self._require_match(challenge, answer)
        event = _EVENTS.get(answer.status)
        if event is Event.PROVIDER_DENIES and _is_said_of_a_request_that_stood(challenge):
            # Before it takes effect: if this process dies in between, the provider's retry or the person's next press
            # finds it written down. A denial that comes after the time was up is one all the same.
            await self.disavow.by_denial(challenge)
        return challenge if event is None else await self.advance(challenge, event)

    async def _require_match(self, challenge: Challenge, answer: PushAnswer) -> None:
        if challenge.channel is not Channel.PUSH:
            raise CallbackMismatch
        if answer.account != challenge.account:
            # A person who merged accounts at the vendor answers under another id: the operator's hint, not an approval.
            log.warning("answer_from_other_account", challenge=challenge.id, login=challenge.login, user=challenge.user)
            raise CallbackMismatch
        # An answer may outrun our own writing of the reference. It is signed and carries our ids, so the reference it
        # names is this challenge's: bound here, once, and compared ever after.
        bound = challenge.reference or await self.challenges.bind(challenge, answer.reference)
        if bound != answer.reference:
            log.warning("answer_to_other_request", challenge=challenge.id, login=challenge.login)
            raise CallbackMismatch


def _is_said_of_a_request_that_stood(challenge: Challenge) -> bool:
    # Not of one that was taken back: people who chose another way tidy their phone up with the same button.
    return challenge.status.is_pending or challenge.status in {Status.DENIED, Status.EXPIRED}
