"""Reaches the person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from chassis.clock import Clock
from chassis.limits import Take
from services.twofactor.flows.guard import Guard
from services.twofactor.flows.pace_pushes import PacePushes
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Channel, Delivery, Unavailable
from services.twofactor.model.errors import ChannelUnavailable
from services.twofactor.model.events import What, of_challenge
from services.twofactor.model.places import Places
from services.twofactor.model.provider import PushRequest
from services.twofactor.ports import Challenges, Events, Provider
from services.twofactor.ports_of_pushes import BindingCodes

log = structlog.get_logger()


@dataclass(frozen=True)
class Prompt:
    """What a push says: `service` is the name of whoever asks, `logo_url` its picture."""

    service: str
    places: Places
    codes: BindingCodes
    logo_url: str | None = None

    def request(self, challenge: Challenge, seconds: int) -> PushRequest:
        """The facts to compare with the screen, and, hidden, the way back to this very challenge."""
        return PushRequest(
            message=f"Sign in to {self.service}?"[:144],
            details=self._details(challenge),
            hidden_details={"challenge": challenge.id, "login": challenge.login},
            seconds_to_expire=seconds,
            logo_url=self.logo_url,
        )

    def _details(self, challenge: Challenge) -> Mapping[str, str]:
        # Authy shows them as labels and values, in this order: what has to be done comes before what is to compare.
        facts = {
            "Number to type": self.codes.code_of(challenge) if challenge.bound else "",
            "Service": self.service,
            "Place": self.places.of(challenge.context.address),
            "Network": challenge.context.address,
            "Browser": challenge.context.browser,
            "Time": _as_people_say(challenge.created_at),
        }
        return {label: fact for label, fact in facts.items() if fact}


@dataclass(frozen=True)
class SendChallenge:
    """Pushes, texts or calls; a code from the app needs no sending. Never repeated: the person would get two."""

    provider: Provider
    challenges: Challenges
    guard: Guard
    pushes: PacePushes
    events: Events
    prompt: Prompt
    clock: Clock

    async def __call__(self, challenge: Challenge, counted_as: str) -> Challenge:
        """The challenge as it was delivered; raises what the provider raises."""
        # First: what is refused because a push is on the phone already uses up none of the hour's.
        if challenge.channel is Channel.PUSH:
            await self.pushes.take(challenge)
        # Whoever has the password can begin logins without end: a phone that is asked until its owner gives in is the
        # oldest way around a push. A code from the app disturbs nobody, so that way in stays open to the owner.
        match challenge.channel:
            case Channel.PUSH:
                await self._count(challenge, counted_as)
                return await self._push(challenge)
            case Channel.SMS | Channel.VOICE:
                sending = await self._count(challenge, counted_as)
                return await self._send_code(challenge, sending)
            case _:
                return challenge

    async def _count(self, challenge: Challenge, counted_as: str) -> Take:
        try:
            return await self.guard.require_sending(challenge, counted_as)
        except ChannelUnavailable as refused:
            reason = "too_often" if refused.reason is Unavailable.LIMIT_REACHED else "country_not_served"
            self.events.note(of_challenge(What.SENDING_REFUSED, challenge, reason))
            raise

    async def _push(self, challenge: Challenge) -> Challenge:
        # The vendor's request lives as long as our challenge: not sent, it would live for a day, and a press on
        # Approve tomorrow would look like one of today.
        seconds = max(int((challenge.expires_at - self.clock()).total_seconds()), 1)
        reference = await self.provider.push(challenge.account, self.prompt.request(challenge, seconds))
        # The callback may have been here already and bound the reference it carried: then this changes nothing.
        bound = await self.challenges.bind(challenge, reference)
        if bound not in {reference, ""}:
            log.error("reference_conflict", challenge=challenge.id, login=challenge.login)
        current = await self.challenges.by_id(challenge.login, challenge.id)
        return current or challenge

    async def _send_code(self, challenge: Challenge, sending: Take) -> Challenge:
        # Bound to this challenge: a code that was sent for another login opens nothing here.
        delivery = await self.provider.send_code(challenge.account, challenge.channel, binding=challenge.id)
        await self.challenges.delivered(challenge, delivery)
        if delivery is Delivery.OPEN_APP:
            # Held back, and so it cost nothing. A vendor that fails may have sent it: that stays counted.
            await self.guard.undo(sending)
        return replace(challenge, delivery=delivery)


def _as_people_say(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
