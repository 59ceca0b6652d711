"""Callbacks that never come: while someone waits, the request is read back from the provider."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from chassis.clock import Clock
from services.twofactor.flows.judge_answer import JudgeAnswer
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import Refusal
from services.twofactor.ports import Provider, Turns

log = structlog.get_logger()

# Nobody presses a button sooner than this, and the callback of who does is on its way.
PATIENCE = timedelta(seconds=4)
SHORTEST, LONGEST = timedelta(seconds=3), timedelta(seconds=15)


@dataclass(frozen=True)
class ReadBack:
    """Reads a push back, at most once per pause and challenge over all processes."""

    provider: Provider
    turns: Turns
    judge: JudgeAnswer
    clock: Clock

    def is_due(self, challenge: Challenge) -> bool:
        """Whether there is anything to read back yet."""
        waiting = "phone" in challenge.status.waiting_for and challenge.channel is Channel.PUSH
        return waiting and bool(challenge.reference) and self._age(challenge) >= PATIENCE

    async def __call__(self, challenge: Challenge) -> None:
        """Moves the challenge if the provider has news; a failure is only logged, the next turn tries again."""
        # The pause grows with the wait: a phone that lies in another room is not asked every three seconds.
        pause = min(max(self._age(challenge) / 4, SHORTEST), LONGEST)
        if not await self.turns.take(challenge, pause):
            return
        try:
            await self.judge(challenge, await self.provider.read_push(challenge.reference))
        except Refusal as nothing:
            log.info("read_back_without_effect", challenge=challenge.id, kind=type(nothing).__name__)

    def _age(self, challenge: Challenge) -> timedelta:
        return self.clock() - challenge.created_at
