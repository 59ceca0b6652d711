"""A family of refresh tokens: each replaces its parent, and a parent that comes back late betrays a thief.

Two parties that hold the same token cannot be told apart, but they cannot both be the newest (RFC 9700 section 4.14.2).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

# A lost answer, or a second tab: the immediate parent still gets the same child within this time.
GRACE = timedelta(seconds=10)


@dataclass(frozen=True)
class Family:
    """`generation` is the newest; `digest` is of its secret. `is_open`: the session and its user still stand."""

    id: str
    generation: int
    digest: bytes
    rotated_at: datetime
    idle_until: datetime
    expires_at: datetime
    is_open: bool = True

    def rotated(self, child: bytes, now: datetime, idle: timedelta) -> "Family":
        """The family after `child` (a digest) took the place of the newest."""
        idle_until = min(now + idle, self.expires_at)
        return replace(self, generation=self.generation + 1, digest=child, rotated_at=now, idle_until=idle_until)


@dataclass(frozen=True)
class Presented:
    """A refresh token that we made (its seal was checked): `child` is the digest of the token that follows from it."""

    family: str
    generation: int
    digest: bytes
    child: bytes


@dataclass(frozen=True)
class Rotate:
    """The newest: its child takes its place."""


@dataclass(frozen=True)
class Replay:
    """The immediate parent again, at once: the same child again."""


@dataclass(frozen=True)
class Reuse:
    """Any other of the family's tokens: somebody has a copy, and the family ends."""


@dataclass(frozen=True)
class Expired:
    """The family's time is over, by age, by rest or because the session ended."""


Verdict = Rotate | Replay | Reuse | Expired


def judge(family: Family, presented: Presented, now: datetime) -> Verdict:
    """What a presented token means to its family. Secrets are compared by digest: no timing tells anything of them."""
    if not family.is_open or now >= min(family.idle_until, family.expires_at):
        return Expired()
    if (presented.generation, presented.digest) == (family.generation, family.digest):
        return Rotate()
    is_parent = (presented.generation + 1, presented.child) == (family.generation, family.digest)
    return Replay() if is_parent and now - family.rotated_at <= GRACE else Reuse()
