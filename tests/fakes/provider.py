"""A provider of second factors in memory, with the person's phone in the test's hand.

It passes the same contract suite as the Authy adapter (tests/contract/test_authy_adapter_contract.py).

    provider = FakeProvider()
    account = await provider.enrol(email="eve@example.com", country_code=44, number="7700900123")
    reference = await provider.push(account, request)
    provider.approve(reference)                                  # or .deny, .expire
    provider.fail("push", ProviderUnavailable())                 # every push from now on; times=1 for one
    release = provider.hold("push")                              # a slow vendor: waits until release.set()
    provider.app_token(account), provider.last_code(account)     # what the phone shows
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.twofactor.model.channel import PHONE_CHANNELS, Availability, Channel, Delivery, Unavailable
from services.twofactor.model.errors import (
    AccountUnknown,
    ChannelUnavailable,
    ForgedCallback,
    ReusedCode,
    WrongCode,
)
from services.twofactor.model.provider import PushAnswer, PushRequest, PushStatus


@dataclass(frozen=True)
class SentCode:
    """A code that went out by SMS or voice."""

    account: str
    channel: Channel
    code: str
    binding: str


@dataclass(frozen=True)
class SentPush:
    """An approval request on the person's phone."""

    account: str
    request: PushRequest
    status: PushStatus = PushStatus.PENDING


@dataclass
class FakeProvider:
    """Implements `services.twofactor.ports.Provider`. `calls` holds the name of every call, in order."""

    name: str = "authy"
    calls: list[str] = field(default_factory=list)
    phones: dict[str, tuple[int, str]] = field(default_factory=dict)
    pushes: dict[str, SentPush] = field(default_factory=dict)
    sent: list[SentCode] = field(default_factory=list)
    _without_app: set[str] = field(default_factory=set)
    _off: dict[Channel, Unavailable] = field(default_factory=dict)
    _ignored: bool = False
    _used: set[tuple[str, str]] = field(default_factory=set)
    _failures: dict[str, list[Exception]] = field(default_factory=dict)
    _broken: dict[str, Exception] = field(default_factory=dict)
    _held: dict[str, asyncio.Event] = field(default_factory=dict)

    # What the test steers.

    def approve(self, reference: str) -> None:
        """The person presses Approve."""
        self._answer(reference, PushStatus.APPROVED)

    def deny(self, reference: str) -> None:
        """The person presses Deny."""
        self._answer(reference, PushStatus.DENIED)

    def expire(self, reference: str) -> None:
        """Nobody pressed anything in time."""
        self._answer(reference, PushStatus.EXPIRED)

    def set_app(self, account: str, *, registered: bool) -> None:
        """Whether this person has the app; everybody has it at first."""
        (self._without_app.discard if registered else self._without_app.add)(account)

    def switch_off(self, channel: Channel, reason: Unavailable = Unavailable.CHANNEL_DISABLED) -> None:
        """Makes a channel unavailable for everybody."""
        self._off[channel] = reason

    def switch_on(self, channel: Channel) -> None:
        """Undoes `switch_off`."""
        self._off.pop(channel, None)

    def hold_texts_back(self) -> None:
        """From now on the vendor does not send texts: "open your app"."""
        self._ignored = True

    def forget(self, account: str) -> None:
        """The vendor loses this person."""
        self.phones.pop(account)

    def fail(self, method: str, error: Exception, *, times: int | None = None) -> None:
        """Raises `error` from `method`, the next `times` times or for ever."""
        if times is None:
            self._broken[method] = error
        else:
            self._failures.setdefault(method, []).extend([error] * times)

    def mend(self, method: str) -> None:
        """Undoes `fail` and `hold`."""
        self._broken.pop(method, None)
        self._failures.pop(method, None)
        if held := self._held.pop(method, None):
            held.set()

    def hold(self, method: str) -> asyncio.Event:
        """Makes `method` wait until the answered event is set."""
        return self._held.setdefault(method, asyncio.Event())

    def app_token(self, account: str) -> str:
        """A code of seven digits that the person's app shows, good once."""
        return f"{7_000_000 + int(account) * 100 + len(self._used) % 100}"

    def last_code(self, account: str) -> str:
        """The newest code that was sent to this person."""
        return next(sent.code for sent in reversed(self.sent) if sent.account == account)

    def answer_of(self, reference: str) -> PushAnswer:
        """What the vendor would say of this request now (for a callback made by hand)."""
        push = self.pushes[reference]
        return PushAnswer(reference, push.account, push.status, push.request.hidden_details)

    # What the flows call.

    async def enrol(self, *, email: str, country_code: int, number: str) -> str:
        """The same phone is the same account, as at Authy."""
        await self._enter("enrol")
        known = next((a for a, phone in self.phones.items() if phone == (country_code, number)), None)
        account = known or str(1001 + len(self.phones))
        self.phones[account] = (country_code, number)
        return account

    async def channels(self, account: str) -> Sequence[Availability]:
        """All four, best first, each with its reason if it does not work."""
        await self._enter("channels", account)
        return [Availability(channel, self._reason(account, channel)) for channel in PHONE_CHANNELS]

    async def push(self, account: str, request: PushRequest) -> str:
        """Puts a request on the phone."""
        await self._enter("push", account)
        self._require_channel(account, Channel.PUSH)
        reference = f"00000000-0000-4000-8000-{len(self.pushes) + 1:012d}"
        self.pushes[reference] = SentPush(account, request)
        return reference

    async def read_push(self, reference: str) -> PushAnswer:
        """Reads it back."""
        await self._enter("read_push")
        if reference not in self.pushes:
            raise ChannelUnavailable(Channel.PUSH, Unavailable.NOT_DELIVERED)
        return self.answer_of(reference)

    async def send_code(self, account: str, channel: Channel, *, binding: str) -> Delivery:
        """Sends a code, or holds it back and points to the app."""
        await self._enter("send_code", account)
        self._require_channel(account, channel)
        if self._ignored and account not in self._without_app:
            return Delivery.OPEN_APP
        self.sent.append(SentCode(account, channel, f"{1_000_000 + len(self.sent)}", binding))
        return Delivery.SENT

    async def require_code(self, account: str, code: str, *, binding: str | None) -> None:
        """A sent code is good for its binding only, the app's code without one only, every code once."""
        await self._enter("require_code", account)
        if (account, code) in self._used:
            raise ReusedCode
        bound = any((s.account, s.code, s.binding) == (account, code, binding) for s in self.sent)
        from_app = binding is None and code == self.app_token(account) and account not in self._without_app
        if not (bound or from_app):
            raise WrongCode
        self._used.add((account, code))

    async def remove(self, account: str) -> None:
        """Forgets the person."""
        await self._enter("remove", account)
        self.forget(account)

    async def _enter(self, method: str, account: str | None = None) -> None:
        self.calls.append(method)
        if held := self._held.get(method):
            await held.wait()
        if queued := self._failures.get(method):
            raise queued.pop(0)
        if method in self._broken:
            raise self._broken[method]
        if account is not None and account not in self.phones:
            raise AccountUnknown

    def _reason(self, account: str, channel: Channel) -> Unavailable | None:
        if channel in self._off:
            return self._off[channel]
        needs_app = channel in {Channel.PUSH, Channel.APP}
        return Unavailable.APP_NOT_REGISTERED if needs_app and account in self._without_app else None

    def _require_channel(self, account: str, channel: Channel) -> None:
        if reason := self._reason(account, channel):
            raise ChannelUnavailable(channel, reason)

    def _answer(self, reference: str, status: PushStatus) -> None:
        push = self.pushes[reference]
        if push.status is PushStatus.PENDING:
            self.pushes[reference] = replace(push, status=status)


@dataclass
class FakeCallbackReader:
    """Implements `CallbackReader`: the body is plain JSON, the proof is the header `X-Fake-Proof`."""

    def read(self, *, method: str, headers: Mapping[str, str], body: bytes) -> tuple[str, PushAnswer]:
        """Believes every POST that carries a proof."""
        proof = headers.get("X-Fake-Proof")
        if method != "POST" or not proof:
            raise ForgedCallback
        answer = json.loads(body)
        status = PushStatus(answer["status"])
        return proof, PushAnswer(answer["reference"], answer["account"], status, answer.get("hidden_details", {}))


def fake_callback(answer: PushAnswer, *, proof: str = "once") -> tuple[dict[str, str], bytes]:
    """Headers and body that `FakeCallbackReader` reads as `answer`."""
    body = {
        "reference": answer.reference,
        "account": answer.account,
        "status": answer.status,
        "hidden_details": dict(answer.hidden_details),
    }
    return {"X-Fake-Proof": proof}, json.dumps(body).encode()
