"""What an answer on the short way stands on, and how requests are known again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from aiohttp import web

from chassis.accounting import Accounts
from chassis.clock import Clock
from gateway.api.approach import Headers
from gateway.model.address import Networks
from gateway.model.decision import Forward
from gateway.model.identity import Identity
from gateway.model.policy import Policy
from gateway.ports import EndedSessions, Policies

# An assertion is good for 60 seconds and may be 20 old when it is learned: an upstream has 20 left at least.
LIFE = timedelta(seconds=20)
# For who is not remembered: nobody, and over for ever.
NOTHING = None, datetime.min.replace(tzinfo=UTC)
# So many sets of header names.
SHAPES = 256
# Whoever sends one of these is looked at as a whole each time.
UNUSUAL = frozenset({"cookie", "expect", "content-length", "transfer-encoding", "upgrade"})


@dataclass(frozen=True)
class Ground:
    """What a decision stands on, and what can change under it."""

    proxies: Networks
    policies: Policies
    ended: EndedSessions
    clock: Clock
    accounts: Accounts

    def holds(self, policy: Policy, session: str, until: datetime) -> bool:
        """Whether what was decided under `policy` for `session` may still be said."""
        is_good = policy is self.policies.current and self.clock() < until
        return is_good and not self.ended.has(session) and self.ended.is_current


class Shapes:
    """Sets of header names whose requests can be known: what is `required` is there, once, and nothing `unusual`."""

    def __init__(self, required: frozenset[str], unusual: frozenset[str] = UNUSUAL) -> None:
        self.required, self.unusual = required, unusual
        self.known: set[tuple[str, ...]] = set()

    def __contains__(self, names: tuple[str, ...]) -> bool:
        return names in self.known

    def learn(self, names: tuple[str, ...]) -> bool:
        """Whether requests of these names can be known."""
        lower = {name.lower() for name in names}
        if self.required <= lower and self.unusual.isdisjoint(lower) and len(self.known) < SHAPES:
            self.known.add(names)
        return names in self.known


def names_of(headers: Headers) -> tuple[str, ...]:
    """The names in their order; none if one of them stands there twice (a multidict shows each once)."""
    names = tuple(headers)
    return names if len(names) == len(headers) else ()


def digest_of(request: web.BaseRequest) -> bytes:
    """Of what stands in Authorization: whoever reads this process's memory finds no list of tokens."""
    return sha256(request.headers["Authorization"].encode("utf-8", "surrogateescape")).digest()


def end_of(decision: Forward, identity: Identity, now: datetime) -> datetime:
    """So long may be said again what was decided `now`."""
    end = min(identity.expires_at, now + LIFE)
    if decision.route.max_age is None or identity.is_client:
        return end
    return min(end, identity.auth_time + timedelta(seconds=decision.route.max_age))
