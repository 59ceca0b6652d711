"""What a doctor asks of one process: each question is one `Check`, and none of them changes anything or raises."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout
from redis.exceptions import RedisError

from chassis.clock import Clock
from chassis.settings import ProcessSettings, faults

# Tokens are judged with five seconds' grace: clocks that are further apart than this are on their way to trouble.
SKEW = timedelta(seconds=2)
PATIENCE = ClientTimeout(total=5, sock_connect=2)
S = TypeVar("S", bound=ProcessSettings)
AWAY = (
    OSError,
    TimeoutError,
    ClientError,
    RedisError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


@dataclass(frozen=True)
class Check:
    """What was looked at and what was found; `advice` is what to do about it, empty when nothing is wrong."""

    name: str
    found: str
    advice: str = ""

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to do."""
        return not self.advice


async def looked_at(name: str, look: Callable[[], Awaitable[str]], *, away: str) -> Check:
    """The check of that name: `look` answers what it found, or raises `Ill`; `away` is advice for a silent store."""
    try:
        return Check(name, await look())
    except Ill as ill:
        return Check(name, ill.found, ill.advice)
    except AWAY as silent:
        return Check(name, f"does not answer: {' '.join(str(silent).split()) or type(silent).__name__}", away)


class Ill(Exception):
    """Something is not as it should be."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(found)
        self.found, self.advice = found, advice


def require_same_time(theirs: datetime, before: datetime, after: datetime, *, grain: timedelta = timedelta()) -> str:
    """How far apart two clocks are at least, when `theirs` was read between `before` and `after`; raises `Ill`.

    `grain`: `theirs` tells time in steps of so much.
    """
    apart = max(before - theirs - grain, theirs - after, timedelta())
    said = f"{apart.total_seconds():.1f} s apart" if apart else "same time"
    if apart > SKEW:
        raise Ill(said, "let both machines follow one time server (NTP): tokens are judged by time")
    return said


async def peer_time(answer: ClientResponse, before: datetime, clock: Clock) -> str:
    """The same, of a peer that has just answered: by its header `Date` (RFC 9110 section 6.6.1)."""
    said = answer.headers.get("Date")
    if said is None:
        return "tells no time"
    return require_same_time(parsedate_to_datetime(said), before, clock(), grain=timedelta(seconds=1))


async def read_json(http: ClientSession, address: str) -> tuple[ClientResponse, dict[str, Any]]:
    """A peer's document; raises `Ill` for an answer that is none."""
    async with http.get(address, timeout=PATIENCE, allow_redirects=False) as answer:
        document = await answer.json() if answer.status == 200 and answer.content_type == "application/json" else None
    if not isinstance(document, dict):
        raise Ill(f"{address} answers {answer.status} {answer.content_type}", "is it the right address?")
    return answer, document


def moment(seconds: int, microseconds: int) -> datetime:
    """A time as Valkey tells it (TIME)."""
    return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=microseconds)


def examined_settings(kind: type[S]) -> tuple[S | None, list[Check]]:
    """The settings and what there is to say of them; None, and a check a fault, where they are wrong."""
    wrong = faults(kind)
    if wrong:
        return None, [Check("settings", fault, "set it right, then restart: docs/settings.md") for fault in wrong]
    settings = kind()
    return settings, [Check("settings", "complete"), _public(settings.public_url)]


def _public(address: str) -> Check:
    # Browsers keep `Secure` cookies for https only, and for their own machine.
    parts = urlsplit(address)
    is_safe = parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1", "::1"}
    advice = "" if is_safe else "put TLS in front, and say https:// in PUBLIC_URL: browsers keep no session without it"
    return Check("public address", address, advice)
