"""A provider behind circuit breakers, one per kind of call: nobody waits for what the one before waited for in vain."""

from collections.abc import Mapping, Sequence

from chassis.clock import Clock
from services.twofactor.model.channel import Availability, Channel, Delivery
from services.twofactor.model.provider import PushAnswer, PushRequest
from services.twofactor.ports import Provider
from services.twofactor.providers.breaker import Breaker, Position

CALLS = ("enrol", "status", "push", "read_push", "send_sms", "send_voice", "check_code", "remove")
# What has to work for a channel to be of use.
_NEEDS: Mapping[Channel, tuple[str, ...]] = {
    Channel.PUSH: ("push",),
    Channel.APP: ("check_code",),
    Channel.SMS: ("send_sms", "check_code"),
    Channel.VOICE: ("send_voice", "check_code"),
}
_SHOWN = {Position.CLOSED: 0.0, Position.TRIAL: 0.5, Position.OPEN: 1.0}


class BreakingProvider:
    """Implements `Provider` over another one. An open breaker answers `ProviderUnavailable` at once."""

    def __init__(self, inner: Provider, clock: Clock) -> None:
        self.inner = inner
        self.breakers = {name: Breaker(name, clock) for name in CALLS}

    @property
    def name(self) -> str:
        """The vendor's."""
        return self.inner.name

    def readings(self) -> Mapping[tuple[str, ...], float]:
        """For `countersign_breaker_open`."""
        return {(name,): _SHOWN[breaker.position] for name, breaker in self.breakers.items()}

    async def enrol(self, *, email: str, country_code: int, number: str) -> str:
        async with self.breakers["enrol"].call():
            return await self.inner.enrol(email=email, country_code=country_code, number=number)

    async def channels(self, account: str) -> Sequence[Availability]:
        async with self.breakers["status"].call():
            return await self.inner.channels(account)

    async def push(self, account: str, request: PushRequest) -> str:
        async with self.breakers["push"].call():
            return await self.inner.push(account, request)

    async def read_push(self, reference: str) -> PushAnswer:
        async with self.breakers["read_push"].call():
            return await self.inner.read_push(reference)

    async def send_code(self, account: str, channel: Channel, *, binding: str) -> Delivery:
        async with self.breakers[f"send_{channel.value}"].call():
            return await self.inner.send_code(account, channel, binding=binding)

    async def require_code(self, account: str, code: str, *, binding: str | None) -> None:
        async with self.breakers["check_code"].call():
            await self.inner.require_code(account, code, binding=binding)

    async def remove(self, account: str) -> None:
        async with self.breakers["remove"].call():
            await self.inner.remove(account)

    def held(self) -> Mapping[Channel, int]:
        """What does not work now, whatever the vendor says of it, with the seconds until it is tried again."""
        waits = {
            channel: max((self.breakers[name].seconds_left for name in names), default=0)
            for channel, names in _NEEDS.items()
        }
        return {channel: seconds for channel, seconds in waits.items() if seconds}
