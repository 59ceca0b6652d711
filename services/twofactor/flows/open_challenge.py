"""Opens a challenge: chosen, written down, in its place, and only then sent.

The order matters. A callback may be faster than our own writing of the provider's reference; so the challenge stands
before the request goes out, and the request carries the way back to it (`hidden_details`).
"""

from dataclasses import dataclass

from countersign import PartialToken
from services.twofactor.flows.choose_factor import Choice, ChooseFactor
from services.twofactor.flows.deliver import Deliver
from services.twofactor.flows.draft_challenge import DraftChallenge
from services.twofactor.flows.guard import Guard
from services.twofactor.flows.pace_pushes import PacePushes
from services.twofactor.flows.reserve import Reserve
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Channel
from services.twofactor.model.context import Context


@dataclass(frozen=True)
class OpenChallenge:
    """Asks the person, once, for this login."""

    guard: Guard
    choose: ChooseFactor
    pushes: PacePushes
    draft: DraftChallenge
    reserve: Reserve
    deliver: Deliver

    async def __call__(self, partial: PartialToken, choice: Choice, context: Context) -> Challenge:
        """The open challenge; raises what its steps raise."""
        await self.guard.require_challenge(partial, context)
        enrolment, channel = await self.choose(partial.subject, choice)
        if channel is Channel.PUSH:
            await self.pushes.require_rested(partial.subject)
        challenge = self.draft(partial, enrolment, channel, context)
        await self.reserve(challenge)
        return await self.deliver(challenge, enrolment.counted_as(known=bool(partial.device)))
