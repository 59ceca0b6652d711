"""The state of a challenge for those who ask: now, or as soon as it is settled."""

import asyncio
import hashlib
from contextlib import aclosing
from dataclasses import dataclass

from chassis.clock import Clock
from gateway.flows.waiting import Waiting
from gateway.model.challenge import Challenge
from gateway.model.errors import PeerUnavailable, PolledTooSoon
from gateway.ports import Pace
from gateway.ports_of_second_factor import SecondFactor

# A client that keeps to `interval` must never be refused for the network's sake.
TOLERANCE = 0.85


@dataclass(frozen=True)
class Poll:
    """The state now, not more often than `interval`."""

    second_factor: SecondFactor
    pace: Pace

    async def __call__(self, token: str, challenge_id: str) -> Challenge:
        """Raises `PolledTooSoon`, `ChallengeUnknown`, `TokenRefused`."""
        key = _key(token, challenge_id)
        if await self.pace.is_too_soon(key):
            raise PolledTooSoon
        challenge = await self.second_factor.challenge(token, challenge_id)
        await self.pace.rest(key, challenge.interval * TOLERANCE)
        return challenge


@dataclass(frozen=True)
class LongPoll:
    """The state when it is settled, or after `seconds` (RFC 7240 section 4.3)."""

    waiting: Waiting
    clock: Clock

    async def __call__(self, token: str, challenge_id: str, seconds: float) -> Challenge:
        """Raises `ChallengeUnknown`, `TokenRefused`, `TooManyWaiters`."""
        latest: Challenge | None = None
        try:
            async with asyncio.timeout(seconds), aclosing(self.waiting(token, challenge_id)) as states:
                async for state in states:
                    latest = state
        except TimeoutError:
            pass
        if latest is None:
            raise PeerUnavailable
        return latest.as_of(self.clock())


def _key(token: str, challenge_id: str) -> str:
    return hashlib.sha256(f"{challenge_id} {token}".encode()).hexdigest()
