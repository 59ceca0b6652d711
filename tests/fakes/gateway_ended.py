"""Ended sessions and auth's word on them, as a test says."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.flows.still_open import StillOpen
from gateway.model.errors import PeerUnavailable
from gateway.model.policy import Policy
from gateway.model.revocation import Without
from tests.fakes.clock import FakeClock


@dataclass
class FakeEnded:
    is_current: bool = True
    sessions: set[str] = field(default_factory=set)
    on_wait: Callable[[float], object] = lambda _seconds: None

    def has(self, session: str) -> bool:
        return session in self.sessions

    async def wait(self, session: str, seconds: float) -> None:
        answer = self.on_wait(seconds)
        if hasattr(answer, "__await__"):
            await answer


@dataclass
class FakeSessionCheck:
    closed: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    away: bool = False

    async def is_open(self, token: str) -> bool:
        self.asked.append(token)
        if self.away:
            raise PeerUnavailable
        return token not in self.closed


@dataclass
class FakePolicies:
    current: Policy


def still_open(clock: FakeClock, ended: FakeEnded | None = None, without: Without = Without.REFUSE) -> StillOpen:
    return StillOpen(ended or FakeEnded(), FakeSessionCheck(), without, clock)
