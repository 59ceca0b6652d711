"""Counts what happens, from the outside: stores and ports that count what passes, and flows that know nothing of it."""

import time
from collections.abc import Awaitable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from redis.asyncio import Redis

from chassis.asked import Asked
from chassis.meters import Meters
from chassis.tracing import follow
from services.twofactor import meters as named
from services.twofactor.model.challenge import Challenge, Status
from services.twofactor.model.channel import Availability, Channel, Delivery
from services.twofactor.model.errors import ForgedCallback, ProviderMisconfigured, ProviderUnavailable, Refusal
from services.twofactor.model.provider import PushAnswer, PushRequest
from services.twofactor.ports import CallbackReader, Provider
from services.twofactor.store.challenges import ValkeyChallenges
from services.twofactor.store.marks import ValkeySeenMarks

T = TypeVar("T")
CALLS = ("enrol", "status", "push", "read_push", "send_sms", "send_voice", "check_code", "remove")


class MeasuredProvider:
    """Implements `Provider`: how long each call took, and what came of it."""

    def __init__(self, inner: Provider, meters: Meters) -> None:
        self.inner, self.calls = inner, meters.histogram(named.VENDOR_CALLS)
        for call in CALLS:
            # As zero, so that an alarm sees the first that says that we are refused.
            self.calls(call, "misconfigured")

    @property
    def name(self) -> str:
        """The vendor's."""
        return self.inner.name

    async def enrol(self, *, email: str, country_code: int, number: str) -> str:
        return await self._timed("enrol", self.inner.enrol(email=email, country_code=country_code, number=number))

    async def channels(self, account: str) -> Sequence[Availability]:
        return await self._timed("status", self.inner.channels(account))

    async def push(self, account: str, request: PushRequest) -> str:
        return await self._timed("push", self.inner.push(account, request))

    async def read_push(self, reference: str) -> PushAnswer:
        return await self._timed("read_push", self.inner.read_push(reference))

    async def send_code(self, account: str, channel: Channel, *, binding: str) -> Delivery:
        return await self._timed(f"send_{channel.value}", self.inner.send_code(account, channel, binding=binding))

    async def require_code(self, account: str, code: str, *, binding: str | None) -> None:
        await self._timed("check_code", self.inner.require_code(account, code, binding=binding))

    async def remove(self, account: str) -> None:
        await self._timed("remove", self.inner.remove(account))

    async def _timed(self, call: str, made: Awaitable[T]) -> T:
        started, outcome = time.perf_counter(), "cancelled"
        try:
            answer = await made
            outcome = "ok"
        except ProviderMisconfigured:
            outcome = "misconfigured"
            raise
        except ProviderUnavailable:
            outcome = "unavailable"
            raise
        except Refusal:
            outcome = "refused"
            raise
        finally:
            self.calls(call, outcome).observe(time.perf_counter() - started)
        return answer


class MeasuredChallenges(ValkeyChallenges):
    """Every step of a challenge is one `move`, so nothing is counted twice or forgotten. Ties traces together, too."""

    def __init__(self, client: Redis, meters: Meters) -> None:
        super().__init__(client)
        self.opened, self.moved = meters.counter(named.OPENED), meters.counter(named.MOVED)
        self.approval = meters.histogram(named.APPROVAL)

    def by_id(self, login: str, challenge_id: str) -> Awaitable[Challenge | None]:
        return Asked(super().by_id(login, challenge_id), _followed)

    def latest(self, login: str) -> Awaitable[Challenge | None]:
        return Asked(super().latest(login), _followed)

    def open(self, challenge: Challenge, *, at_most: int) -> Awaitable[None]:
        opened = self.opened(challenge.channel.value)
        return Asked(super().open(challenge, at_most=at_most), lambda _: opened.inc())

    def move(self, moved: Challenge, *, expected: Status, closes: bool) -> Awaitable[bool]:
        return Asked(super().move(moved, expected=expected, closes=closes), partial(self._counted, moved))

    def _counted(self, moved: Challenge, is_first: bool) -> bool:
        if is_first:
            self._count(moved)
        return is_first

    def _count(self, moved: Challenge) -> None:
        channel = moved.channel.value
        self.moved(channel, moved.status.told, moved.reason).inc()
        if moved.status is Status.APPROVED:
            self.approval(channel).observe(max(0.0, (moved.updated_at - moved.created_at).total_seconds()))


def _followed(found: Challenge | None) -> Challenge | None:
    # Each request of a login is a trace of its own, the vendor's callback too: all lead to the one that asked.
    if found is not None:
        follow(found.opened_in)
    return found


class MeasuredReader:
    """Implements `CallbackReader`: whether the vendor's signature held, and why not."""

    def __init__(self, inner: CallbackReader, meters: Meters) -> None:
        self.inner, self.callbacks = inner, meters.counter(named.CALLBACKS)
        self.callbacks("genuine", "")
        self.callbacks("forged", "signature is wrong")

    def read(self, *, method: str, headers: Mapping[str, str], body: bytes) -> tuple[str, PushAnswer]:
        try:
            read = self.inner.read(method=method, headers=headers, body=body)
        except ForgedCallback as forged:
            self.callbacks("forged", forged.reason).inc()
            raise
        self.callbacks("genuine", "").inc()
        return read


class MeasuredMarks(ValkeySeenMarks):
    """A mark that was there is a replay, one that is written: a callback took effect."""

    def __init__(self, client: Redis, meters: Meters) -> None:
        super().__init__(client)
        self.callbacks = meters.counter(named.CALLBACKS)
        self.callbacks("replayed", "")
        self.callbacks("effective", "")

    async def has(self, mark: str) -> bool:
        is_replay = await super().has(mark)
        if is_replay:
            self.callbacks("replayed", "").inc()
        return is_replay

    async def add(self, mark: str) -> None:
        await super().add(mark)
        self.callbacks("effective", "").inc()
