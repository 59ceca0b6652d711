"""Waiting for a phone: one generator behind events, WebSocket, long-poll and the page."""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

from chassis.clock import Clock
from gateway.flows.places import Places
from gateway.model.challenge import Challenge
from gateway.model.errors import ChallengeUnknown, PeerUnavailable, TokenRefused
from gateway.ports import ChallengeNews, Jitter, Listener
from gateway.ports_of_second_factor import SecondFactor

# Seconds between readings while no news comes; the last one repeats. A reading heals a lost message, and tells
# twofactor that somebody waits: upon it a callback that never came is made up for by asking the vendor.
RE_READ = (5.0, 10.0, 15.0)
# How long after its end a pending challenge is read again.
GRACE = 0.5


@dataclass(frozen=True)
class Waiting:
    """`async for challenge in waiting(token, challenge_id)`: the state now, then each change until it is settled.

    The first reading refuses whoever may not know (`TokenRefused`, `ChallengeUnknown`); `TooManyWaiters` bounds them.
    """

    second_factor: SecondFactor
    news: ChallengeNews
    places: Places
    clock: Clock
    jitter: Jitter

    async def __call__(self, token: str, challenge_id: str) -> AsyncGenerator[Challenge, None]:
        """Close it (`contextlib.aclosing`) when nobody listens any more."""
        with self.places.take(token):
            # Listening comes first: a change between a reading and a later subscription would be lost.
            async with self.news.listen(challenge_id) as ear:
                challenge = await self.second_factor.challenge(token, challenge_id)
                yield challenge
                pauses = self._pauses()
                while not challenge.is_settled and not ear.is_closing:
                    latest = await self._next(ear, token, challenge, next(pauses))
                    if latest is None:
                        return
                    if latest.version != challenge.version:
                        yield latest
                    challenge = latest

    async def _next(self, ear: Listener, token: str, challenge: Challenge, pause: float) -> Challenge | None:
        """What the challenge has become; None when it is gone, and whoever waits must ask anew."""
        left = (challenge.expires_at - self.clock()).total_seconds()
        news = await ear.next(min(pause, left + GRACE) if left > 0 else pause)
        if news is not None:
            return challenge.after(news).as_of(self.clock())
        if ear.is_closing:
            return challenge
        try:
            return await self.second_factor.challenge(token, challenge.id)
        except PeerUnavailable:
            return challenge
        except (ChallengeUnknown, TokenRefused):
            return None

    def _pauses(self) -> Iterator[float]:
        yield from (self._about(seconds) for seconds in RE_READ)
        while True:
            yield self._about(RE_READ[-1])

    def _about(self, seconds: float) -> float:
        # Not all at once: ten thousand that began to wait together must not read together.
        return seconds * (0.8 + 0.4 * self.jitter())
