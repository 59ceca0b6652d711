"""Pushes whose time is up are read back once more, though nobody waits for them.

Callbacks come through the gateway, and so do those who wait. One that is broken into keeps both from us: the owner says
no on the phone, and nobody hears of it. It can make no approval of that; but the thief of the password would go on
trying, and the owner's sessions would stand. So this process asks the vendor by itself, at the end.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from chassis.clock import Clock
from services.twofactor.flows.advance import Advance
from services.twofactor.flows.judge_answer import JudgeAnswer
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.errors import ProviderUnavailable, Refusal
from services.twofactor.ports import Challenges, Provider
from services.twofactor.ports_of_pushes import PushEnds

log = structlog.get_logger()
# The vendor's clock may be behind: at its own end of the request, too, nobody can press anything any more.
PATIENCE = timedelta(seconds=2)
# Ends of which the phone may know more than we do. A push that was approved, denied or taken back is none of them.
_UNHEARD = frozenset({"not_answered", "too_many_codes"})


@dataclass(frozen=True)
class ReadAtEnd:
    """Looks at every push once its time is up, and writes the end down if nobody has."""

    ends: PushEnds
    challenges: Challenges
    provider: Provider
    judge: JudgeAnswer
    advance: Advance
    clock: Clock

    async def __call__(self) -> None:
        """All that are due, some at a time; raises the store's error, and then nothing is forgotten."""
        while due := await self.ends.take(self.clock() - PATIENCE):
            await asyncio.gather(*(self._look(login, challenge_id) for login, challenge_id in due))

    async def _look(self, login: str, challenge_id: str) -> None:
        challenge = await self.challenges.by_id(login, challenge_id)
        try:
            if challenge is not None:
                await self._read(await self.advance.settled(challenge))
        except ProviderUnavailable:
            # It is taken again, until the vendor is back or the challenge is forgotten.
            return
        except Refusal as nothing:
            log.info("read_at_end_without_effect", challenge=challenge_id, kind=type(nothing).__name__)
        await self.ends.forget(login, challenge_id)

    async def _read(self, challenge: Challenge) -> None:
        if challenge.reason in _UNHEARD and challenge.reference:
            await self.judge(challenge, await self.provider.read_push(challenge.reference))
