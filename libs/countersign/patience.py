"""How long to go on trying, and how long to pause between: back-off with jitter, within one budget of time."""

import random
from collections.abc import Callable
from dataclasses import dataclass

Chance = Callable[[], float]


@dataclass(frozen=True)
class Patience:
    """Durations in seconds. `budget` is for all attempts of one call together, pauses included."""

    budget: float = 10.0
    attempt: float = 5.0
    first_pause: float = 0.1
    longest_pause: float = 2.0
    # From 0 to 1.
    chance: Chance = random.random

    def pause(self, attempts: int, retry_after: float | None = None) -> float:
        """Before the next attempt, after so many: at least what Retry-After said (RFC 9110 section 10.2.3).

        Anything up to the doubled pause: clients that were thrown back together do not come back together.
        """
        jitter = self.chance() * min(self.longest_pause, self.first_pause * 2.0 ** min(attempts, 30))
        return jitter if retry_after is None else retry_after + jitter
